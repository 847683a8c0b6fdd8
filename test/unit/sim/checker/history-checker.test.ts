import { describe, expect, test } from 'vitest'
import { type HistoryEvent } from '../../../../src/sim/checker/history.ts'
import { HistoryChecker } from '../../../../src/sim/checker/history-checker.ts'

const partition = 'p-0'
let sent = 0

function invoked(value: string, producer = 'a', order = sent++): HistoryEvent {
  const isIdempotent = producer === 'i'
  return { type: 'send-invoked', producer, partition, value, order, isIdempotent }
}

function ok(value: string, offset: number): HistoryEvent {
  return { type: 'send-ok', value, offset }
}

function records(from: number, ...values: string[]): { offset: number; value: string }[] {
  return values.map((value, index) => ({ offset: from + index, value }))
}

function polled(from: number, ...values: string[]): HistoryEvent {
  return { type: 'polled', consumer: 'c', partition, records: records(from, ...values) }
}

function finalRead(...values: string[]): HistoryEvent {
  return { type: 'final-read', partition, logStartOffset: 0, records: records(0, ...values) }
}

const fromTheStart: HistoryEvent = { type: 'assigned', consumer: 'c', partition, offset: 0 }

function rulesBroken(...events: HistoryEvent[]): readonly string[] {
  const checker = new HistoryChecker()
  for (const event of events) checker.observe(event)
  return [...new Set(checker.finish().map(({ rule }) => rule))]
}

describe('good histories pass', () => {
  test('sends that are acknowledged and read back', () => {
    expect(
      rulesBroken(
        invoked('x'),
        invoked('y'),
        fromTheStart,
        ok('x', 0),
        ok('y', 1),
        polled(0, 'x'),
        polled(1, 'y'),
        finalRead('x', 'y'),
      ),
    ).toEqual([])
  })

  test('a send of unknown outcome may be there, late, twice, or not at all', () => {
    const start = [
      invoked('x'),
      { type: 'send-info', value: 'x' } as const,
      invoked('y'),
      ok('y', 0),
    ]
    expect(rulesBroken(...start, finalRead('y', 'x'))).toEqual([])
    expect(rulesBroken(...start, finalRead('y', 'x', 'x'))).toEqual([])
    expect(rulesBroken(...start, finalRead('y'))).toEqual([])
  })

  test('a retry may duplicate, and the acknowledgement names either copy', () => {
    const start = [invoked('x'), invoked('y'), ok('x', 2), ok('y', 3)]
    expect(rulesBroken(...start, finalRead('x', 'y', 'x', 'y'))).toEqual([])
  })

  test('records below the log start are no loss', () => {
    const end: HistoryEvent = {
      type: 'final-read',
      partition,
      logStartOffset: 1,
      records: records(1, 'y'),
    }
    expect(rulesBroken(invoked('x'), ok('x', 0), invoked('y'), ok('y', 1), end)).toEqual([])
  })

  test('a consumer may seek anywhere', () => {
    expect(
      rulesBroken(
        invoked('x'),
        ok('x', 0),
        fromTheStart,
        polled(0, 'x'),
        fromTheStart,
        polled(0, 'x'),
        finalRead('x'),
      ),
    ).toEqual([])
  })
})

describe('each rule flags its bad history', () => {
  test('L1: an acknowledged value is missing, elsewhere, or its partition was never read', () => {
    expect(rulesBroken(invoked('x'), ok('x', 0), finalRead())).toEqual(['L1'])
    expect(rulesBroken(invoked('x'), invoked('y'), ok('y', 1), finalRead('y', 'x'))).toContain('L1')
    expect(rulesBroken(invoked('x'), ok('x', 0))).toEqual(['L1'])
  })

  test('L2: one offset was seen with two values', () => {
    expect(rulesBroken(invoked('x'), invoked('y'), polled(0, 'x'), finalRead('y'))).toContain('L2')
    expect(
      rulesBroken(invoked('x'), invoked('y'), ok('x', 0), polled(0, 'y'), finalRead('x')),
    ).toContain('L2')
  })

  test('L3: offsets of the final read skip or repeat', () => {
    for (const offsets of [
      [0, 2],
      [1, 2],
      [0, 0],
    ]) {
      const read: HistoryEvent = {
        type: 'final-read',
        partition,
        logStartOffset: 0,
        records: ['x', 'y'].map((value, index) => ({ value, offset: offsets[index] ?? 0 })),
      }
      expect(rulesBroken(invoked('x'), invoked('y'), read)).toContain('L3')
    }
  })

  test('L4: a value that nobody sent, whose send failed, or that was sent elsewhere', () => {
    expect(rulesBroken(finalRead('x'))).toEqual(['L4'])
    expect(rulesBroken(invoked('x'), { type: 'send-fail', value: 'x' }, finalRead('x'))).toEqual([
      'L4',
    ])
    const elsewhere: HistoryEvent = {
      type: 'send-invoked',
      producer: 'a',
      partition: 'p-1',
      value: 'x',
      order: 0,
      isIdempotent: false,
    }
    expect(rulesBroken(elsewhere, finalRead('x'))).toEqual(['L4'])
  })

  test('L6: a value of an idempotent producer occurs twice', () => {
    expect(rulesBroken(invoked('x', 'i'), ok('x', 0), finalRead('x', 'x'))).toEqual(['L6'])
    expect(rulesBroken(invoked('x', 'i'), finalRead('x', 'x'))).toEqual(['L6'])
  })

  test('L5: acknowledged values of one producer appear out of order', () => {
    expect(
      rulesBroken(
        invoked('x', 'a', 0),
        invoked('y', 'a', 1),
        ok('y', 0),
        ok('x', 1),
        finalRead('y', 'x'),
      ),
    ).toEqual(['L5'])
    expect(
      rulesBroken(
        invoked('x', 'a', 0),
        invoked('y', 'b', 0),
        ok('y', 0),
        ok('x', 1),
        finalRead('y', 'x'),
      ),
    ).toEqual([])
  })

  test('L7: a send that began later has the smaller offset', () => {
    expect(
      rulesBroken(invoked('x'), ok('x', 1), invoked('y', 'b'), ok('y', 0), finalRead('y', 'x')),
    ).toEqual(['L7'])
  })

  test('L8: a consumer skips, repeats or goes back', () => {
    const start = [invoked('x'), invoked('y'), invoked('z'), fromTheStart]
    const end = finalRead('x', 'y', 'z')
    expect(rulesBroken(...start, polled(1, 'y'), end)).toEqual(['L8'])
    expect(rulesBroken(...start, polled(0, 'x'), polled(2, 'z'), end)).toEqual(['L8'])
    expect(rulesBroken(...start, polled(0, 'x'), polled(0, 'x'), end)).toEqual(['L8'])
  })

  test('L9: a consumer gets a record at the high watermark', () => {
    const dirty: HistoryEvent = {
      type: 'polled',
      consumer: 'c',
      partition,
      records: records(0, 'x'),
      highWatermark: 0,
    }
    expect(rulesBroken(invoked('x'), dirty, finalRead('x'))).toEqual(['L9'])
  })

  test('L10: a record that was consumed is gone', () => {
    expect(rulesBroken(invoked('x'), polled(0, 'x'), finalRead())).toEqual(['L10'])
  })
})

describe('compacted partitions', () => {
  let order = 0
  const keyed = (value: string, key: string, isTombstone = false): HistoryEvent => ({
    ...{ type: 'send-invoked', producer: 'i', partition, value, order: order++ },
    ...{ isIdempotent: true, keyed: { key, isTombstone } },
  })
  const left = (...found: { offset: number; value: string }[]): HistoryEvent => ({
    ...{ type: 'final-read', partition, logStartOffset: 0, records: found },
  })
  const two = [keyed('x', 'k'), ok('x', 0), keyed('y', 'k'), ok('y', 1)]
  const deleted = [keyed('x', 'k'), ok('x', 0), keyed('t', 'k', true), ok('t', 1)]

  const whereTombstonesGo = (...events: HistoryEvent[]): number => {
    const checker = new HistoryChecker({ tombstonesStay: false })
    for (const event of events) checker.observe(event)
    return checker.finish().length
  }

  test('what a later record of its key has superseded may be gone, and passed over', () => {
    const newest = left({ offset: 1, value: 'y' })
    expect(rulesBroken(...two, newest)).toEqual([])
    expect(rulesBroken(...two, fromTheStart, polled(0, 'x'), newest)).toEqual([])
    expect(rulesBroken(...two, fromTheStart, polled(1, 'y'), newest)).toEqual([])
  })

  test('L1: the newest record of a key is gone, or the only one of another', () => {
    expect(rulesBroken(...two, left({ offset: 0, value: 'x' }))).toEqual(['L1'])
    const other = [...two, keyed('z', 'other'), ok('z', 2)]
    expect(rulesBroken(...other, left({ offset: 1, value: 'y' }))).toEqual(['L1'])
  })

  test('L8: a consumer passes over what is still there', () => {
    const end = left({ offset: 0, value: 'x' }, { offset: 1, value: 'y' })
    expect(rulesBroken(...two, fromTheStart, polled(1, 'y'), end)).toEqual(['L8'])
  })

  test('a tombstone goes only where tombstones go, with all that it superseded', () => {
    expect(rulesBroken(...deleted, left())).toEqual(['L1'])
    expect(whereTombstonesGo(...deleted, left())).toBe(0)
    const later = [...deleted, keyed('z', 'k'), ok('z', 2)]
    expect(whereTombstonesGo(...later, left())).toBe(1)
  })
})
