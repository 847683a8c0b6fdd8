/** The audit behind the quickstart's verdict: a checker that is itself checked, one bad run per rule. */
import { expect, test } from 'vitest'
import { Ledger, type ReadRecord } from '../../../scripts/main-job/ledger.ts'

function ledgerOf(acks: readonly (readonly [index: number, offset: number])[]): Ledger {
  const ledger = new Ledger(10)
  for (const [index, offset] of acks) {
    ledger.sent(index, index * 10)
    ledger.acknowledged(index, { partition: 0, offset, nowMs: index * 10 + 1 })
  }
  return ledger
}

const read = (...pairs: readonly (readonly [offset: number, index: number])[]): ReadRecord[] =>
  pairs.map(([offset, index]) => ({ partition: 0, offset, index }))

test('a run that is whole has nothing to say', () => {
  const ledger = ledgerOf([
    [0, 0],
    [1, 1],
    [2, 2],
  ])
  expect(ledger.audit(read([0, 0], [1, 1], [2, 2]))).toEqual({
    acknowledgedCount: 3,
    failedCount: 0,
    firstFailure: '',
    readCount: 3,
    lostCount: 0,
    duplicateCount: 0,
    disorderCount: 0,
    misplacedCount: 0,
  })
})

test('an acknowledged record that is not read is lost', () => {
  const ledger = ledgerOf([
    [0, 0],
    [1, 1],
  ])
  expect(ledger.audit(read([0, 0]))).toMatchObject({ lostCount: 1, misplacedCount: 1 })
})

test('a record that was never acknowledged may be read or not', () => {
  const ledger = ledgerOf([[0, 0]])
  expect(ledger.audit(read([0, 0], [1, 1])).lostCount).toBe(0)
  expect(ledger.audit(read([0, 0])).lostCount).toBe(0)
})

test('a record read twice is a duplicate, and only its first place counts for the order', () => {
  const ledger = ledgerOf([
    [0, 0],
    [1, 1],
  ])
  expect(ledger.audit(read([0, 0], [1, 1], [2, 0]))).toMatchObject({
    duplicateCount: 1,
    disorderCount: 0,
  })
})

test('first occurrences against the order of sending are disorder', () => {
  const ledger = ledgerOf([
    [0, 1],
    [1, 0],
  ])
  expect(ledger.audit(read([0, 1], [1, 0])).disorderCount).toBe(1)
})

test('a record somewhere else than acknowledged is misplaced', () => {
  const ledger = ledgerOf([[0, 5]])
  expect(ledger.audit(read([0, 0]))).toMatchObject({ lostCount: 0, misplacedCount: 1 })
})

test('the longest pause counts only while a record waits, and only in its window', () => {
  const ledger = new Ledger(4)
  const times = [
    [0, 1],
    [500, 501],
    [510, 910],
    [520, 911],
  ] as const
  times.forEach(([sentAtMs, ackedAtMs], index) => {
    ledger.sent(index, sentAtMs)
    ledger.acknowledged(index, { partition: 0, offset: index, nowMs: ackedAtMs })
  })
  expect(ledger.longestPauseMs(0, 505)).toBe(1)
  expect(ledger.longestPauseMs(505, Infinity)).toBe(400)
  expect(ledger.countBetween(0, 505)).toBe(2)
})
