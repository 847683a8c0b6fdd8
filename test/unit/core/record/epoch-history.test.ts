import { expect, test } from 'vitest'
import { epoch, offset } from '../../../../src/base/id.ts'
import { EpochHistory } from '../../../../src/core/record/epoch-history.ts'

function history(): EpochHistory {
  return new EpochHistory([
    { epoch: epoch(1), startOffset: offset(0) },
    { epoch: epoch(3), startOffset: offset(10) },
    { epoch: epoch(7), startOffset: offset(25) },
  ])
}

test('an epoch that the log has ends where the next one starts', () => {
  expect(history().endOffsetFor(epoch(3), offset(40))).toEqual({ epoch: 3, endOffset: 25 })
})

test('an epoch that the log skipped is answered with the closest smaller one', () => {
  expect(history().endOffsetFor(epoch(6), offset(40))).toEqual({ epoch: 3, endOffset: 25 })
})

test('the last epoch, and any later one, end with the log', () => {
  expect(history().endOffsetFor(epoch(9), offset(40))).toEqual({ epoch: 7, endOffset: 40 })
})

test('nothing is known of an epoch before the first', () => {
  expect(history().endOffsetFor(epoch(0), offset(40))).toBeUndefined()
})

test('a cut takes the epochs that start behind it, and a later start keeps the one in force', () => {
  const cut = history()
  cut.truncateTo(offset(25))
  expect(cut.lastEpoch()).toBe(3)
  const trimmed = history()
  trimmed.truncateStart(offset(12), offset(40))
  expect(trimmed.entries()).toEqual([
    { epoch: 3, startOffset: 12 },
    { epoch: 7, startOffset: 25 },
  ])
  expect(trimmed.epochAt(offset(11))).toBeUndefined()
  expect(trimmed.epochAt(offset(24))).toBe(3)
})

test('a log that starts at its end has no epochs', () => {
  const emptied = history()
  emptied.truncateStart(offset(40), offset(40))
  expect(emptied.lastEpoch()).toBeUndefined()
})

test('the same epoch again adds nothing, an older one is a defect', () => {
  const grown = history()
  grown.assign(epoch(7), offset(30))
  expect(grown.entries()).toHaveLength(3)
  expect(() => { grown.assign(epoch(6), offset(31)) }).toThrow('after epoch 7') // prettier-ignore
})
