import { expect, test } from 'vitest'
import { epoch, offset } from '../../../../src/base/id.ts'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { stampBatch } from '../../../../src/core/record/batch-header.ts'
import { BatchWriter } from '../../../../src/core/record/batch-writer.ts'
import { decodeProducers, encodeProducers } from '../../../../src/core/replica/producer-snapshot.ts'
import { claimOf, ProducerState } from '../../../../src/core/replica/producer-state.ts'

const lastSequence = 0x7fffffff

/** A stamped batch of `count` records. */
function batch(
  producer:
    { readonly id: number; readonly epoch: number; readonly baseSequence: number } | undefined,
  count: number,
  at = 0,
): Uint8Array {
  const writer = new BatchWriter(new Uint8Array(61 + count * 40), 0, 61 + count * 40)
  for (let index = 0; index < count; index++) writer.append(undefined, undefined, 1000)
  const length = writer.seal(producer === undefined ? {} : { producer })
  stampBatch(writer.bytes, 0, { baseOffset: offset(at), leaderEpoch: epoch(1) })
  return writer.bytes.slice(0, length)
}

function claim(firstSequence: number, recordCount = 1, producerEpoch = 0, producerId = 7) {
  return { producerId, producerEpoch, firstSequence, recordCount }
}

/** A state that has replayed batches of producer 7, `[base offset, first sequence, count, epoch]` each. */
function stateOf(
  ...batches: readonly (readonly [number, number, number, number?])[]
): ProducerState {
  const state = new ProducerState(offset(0))
  for (const [at, baseSequence, count, producerEpoch = 0] of batches)
    state.replayRun(batch({ id: 7, epoch: producerEpoch, baseSequence }, count, at), 0)
  return state
}

test('a producer that nobody knows starts at sequence 0', () => {
  const state = new ProducerState(offset(0))
  expect(state.check(claim(0))).toEqual({ type: 'accept' })
  expect(state.check(claim(3))).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
})

test('a producer that may have been forgotten goes on where it is', () => {
  const state = stateOf([0, 0, 4])
  state.expire(1000, 1000)
  expect(state.producerCount()).toBe(0)
  expect(state.check(claim(4))).toEqual({ type: 'accept' })
})

test('a producer that wrote within the limit is kept', () => {
  const state = stateOf([0, 0, 4])
  state.expire(999, 1000)
  expect(state.producerCount()).toBe(1)
  expect(state.mayHaveForgotten()).toBe(false)
})

test('the next sequence is accepted, a gap is not', () => {
  const state = stateOf([0, 0, 4])
  expect(state.check(claim(4, 2))).toEqual({ type: 'accept' })
  expect(state.check(claim(5, 2))).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
})

test('a retry is answered with the offset that it has', () => {
  const state = stateOf([10, 0, 4], [20, 4, 2])
  expect(state.check(claim(0, 4))).toMatchObject({ type: 'duplicate', baseOffset: 10 })
  expect(state.check(claim(4, 2))).toMatchObject({ type: 'duplicate', baseOffset: 20 })
})

test('a part of what was appended in a row is a duplicate, too', () => {
  const state = stateOf([10, 0, 4], [14, 4, 4])
  expect(state.check(claim(2, 5))).toMatchObject({ type: 'duplicate', baseOffset: 12 })
})

test('records of which only some are there are out of order', () => {
  const state = stateOf([10, 0, 4])
  expect(state.check(claim(2, 5))).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
})

test('five stretches are remembered, the sixth takes the place of the oldest', () => {
  const state = stateOf([0, 0, 1], [2, 1, 1], [4, 2, 1], [6, 3, 1], [8, 4, 1])
  expect(state.check(claim(0))).toMatchObject({ type: 'duplicate', baseOffset: 0 })
  state.replayRun(batch({ id: 7, epoch: 0, baseSequence: 5 }, 1, 10), 0)
  expect(state.check(claim(0))).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
  expect(state.check(claim(1))).toMatchObject({ type: 'duplicate', baseOffset: 2 })
})

test('a higher epoch starts at sequence 0 and ends the one before', () => {
  const state = stateOf([0, 0, 4])
  expect(state.check(claim(4, 1, 1))).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
  expect(state.check(claim(0, 1, 1))).toEqual({ type: 'accept' })
  state.replayRun(batch({ id: 7, epoch: 1, baseSequence: 0 }, 1, 4), 0)
  expect(state.check(claim(4, 1, 0))).toMatchObject({ code: 'INVALID_PRODUCER_EPOCH' })
  expect(state.check(claim(0, 4, 0))).toMatchObject({ code: 'INVALID_PRODUCER_EPOCH' })
  expect(state.check(claim(0, 1, 1))).toMatchObject({ type: 'duplicate', baseOffset: 4 })
})

test('sequence 0 follows on the last one', () => {
  const state = stateOf([0, lastSequence - 1, 2])
  expect(state.check(claim(0))).toEqual({ type: 'accept' })
  state.replayRun(batch({ id: 7, epoch: 0, baseSequence: 0 }, 2, 2), 0)
  expect(state.check(claim(lastSequence, 2))).toMatchObject({ type: 'duplicate', baseOffset: 1 })
  expect(state.check(claim(2))).toEqual({ type: 'accept' })
})

test('batches without a producer move the end and are not remembered', () => {
  const state = stateOf([0, 0, 4])
  state.replayRun(batch(undefined, 3, 4), 0)
  expect(state.endOffset()).toBe(7)
  expect(state.producerCount()).toBe(1)
})

test('a run of batches that follow on each other is one claim', () => {
  const run = concatBytes([
    batch({ id: 7, epoch: 2, baseSequence: lastSequence }, 2),
    batch({ id: 7, epoch: 2, baseSequence: 1 }, 3),
  ])
  expect(claimOf(run)).toEqual(claim(lastSequence, 5, 2))
  expect(claimOf(concatBytes([batch(undefined, 1), batch(undefined, 2)]))).toBe('none')
})

test('batches of different producers, epochs or with a gap make no claim', () => {
  const first = batch({ id: 7, epoch: 0, baseSequence: 0 }, 2)
  for (const next of [
    batch({ id: 8, epoch: 0, baseSequence: 2 }, 1),
    batch({ id: 7, epoch: 1, baseSequence: 2 }, 1),
    batch({ id: 7, epoch: 0, baseSequence: 3 }, 1),
    batch(undefined, 1),
  ])
    expect(claimOf(concatBytes([first, next]))).toBeUndefined()
  expect(claimOf(batch({ id: 7, epoch: -1, baseSequence: 0 }, 1))).toBeUndefined()
  expect(claimOf(batch({ id: -1, epoch: -1, baseSequence: 0 }, 1))).toBeUndefined()
})

test('records that cannot be looked at may have been anybody’s', () => {
  const state = stateOf([0, 0, 4])
  state.skipTo(offset(9))
  expect(state.endOffset()).toBe(9)
  expect(state.check(claim(5, 1, 0, 8))).toEqual({ type: 'accept' })
})

test('a snapshot keeps ages, not times', () => {
  const bytes = encodeProducers(stateOf([0, 0, 4]), 600)
  const restored = decodeProducers(bytes, { endOffset: offset(4), nowMs: 100 })
  restored?.expire(499, 1000)
  expect(restored?.producerCount()).toBe(1)
  restored?.expire(500, 1000)
  expect(restored?.producerCount()).toBe(0)
})

test('a snapshot of another format, or a damaged one, is none', () => {
  const bytes = encodeProducers(stateOf([0, 0, 4]), 0)
  const at = { endOffset: offset(4), nowMs: 0 }
  expect(decodeProducers(Uint8Array.of(9, ...bytes.subarray(1)), at)).toBeUndefined()
  expect(decodeProducers(bytes.subarray(0, bytes.length - 1), at)).toBeUndefined()
})

test('the bytes of a snapshot are these: what is on disk is read by every later build', () => {
  const bytes = encodeProducers(stateOf([10, 0, 4, 2], [20, 4, 1, 2]), 5)
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  expect(hex).toBe(
    [
      '01 00 02',
      '0000000000000007 0002 0000000000000005 02',
      '00000000 00000004 000000000000000a ffffffffffffffff',
      '00000004 00000001 0000000000000014 ffffffffffffffff',
    ]
      .join('')
      .replaceAll(' ', ''),
  )
  const again = decodeProducers(bytes, { endOffset: offset(21), nowMs: 5 })
  expect(again?.entries(5)).toEqual(stateOf([10, 0, 4, 2], [20, 4, 1, 2]).entries(5))
})

test('a batch that compaction took records out of counts as it was sent', () => {
  const compacted = batch({ id: 7, epoch: 0, baseSequence: 0 }, 5)
  new DataView(compacted.buffer).setInt32(57, 2) // two of the five are left
  const state = new ProducerState(offset(0))
  state.replayRun(compacted, 0)
  expect(state.endOffset()).toBe(5)
  expect(state.check(claim(5))).toEqual({ type: 'accept' })
  expect(state.check(claim(0, 5))).toMatchObject({ type: 'duplicate', baseOffset: 0 })
})
