import { expect, test } from 'vitest'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { epoch, nodeId, offset, partitionIndex, type NodeId } from '../../../../src/base/id.ts'
import {
  planFetches,
  type FetchInFlight,
  type FetchPlan,
} from '../../../../src/core/client/fetch-planner.ts'
import { PartitionReader } from '../../../../src/core/client/partition-reader.ts'
import { sealEmpty } from '../../../../src/core/replica/compaction.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'

function batch(from: number, count: number, isControl = false): Uint8Array {
  const records = Array.from({ length: count }, () => ({ timestampMs: 0 }))
  return encodeBatch({ baseOffset: offset(from), leaderEpoch: epoch(0), records, isControl })
}

function reader(partition = 0, at = 0): PartitionReader {
  const made = new PartitionReader('t', partitionIndex(partition))
  made.seek(offset(at))
  return made
}

test('a fetch in the middle of a batch hands over from its offset on', () => {
  const target = reader(0, 3)
  expect(target.take(concatBytes([batch(0, 5), batch(5, 2)]))).toBeUndefined()
  expect([target.position, target.fetchOffset]).toEqual([3, 7])
  expect(target.peek()?.baseOffset).toBe(0)
  target.advance(offset(5))
  expect(target.peek()?.baseOffset).toBe(5)
  target.advance(offset(7))
  expect(target.peek()).toBeUndefined()
  expect(target.bufferedBytes).toBe(0)
})

test('control batches are passed over, and move the position', () => {
  const target = reader()
  target.take(concatBytes([batch(0, 1, true), batch(1, 1), batch(2, 1, true)]))
  expect(target.peek()?.baseOffset).toBe(1)
  target.advance(offset(2))
  expect(target.peek()).toBeUndefined()
  expect(target.position).toBe(3)
})

test('a gap by compaction is fine, an offset that goes back is not', () => {
  const target = reader()
  expect(target.take(concatBytes([batch(0, 1), batch(10, 1)]))).toBeUndefined()
  expect(reader().take(concatBytes([batch(10, 1), batch(10, 2)]))).toMatch('after offset')
})

test('batches that compaction emptied are passed over, and move the position', () => {
  const one = reader()
  one.take(concatBytes([sealEmpty(batch(0, 4)), batch(7, 2)]))
  expect(one.peek()?.baseOffset).toBe(7)
  expect(one.position).toBe(4)
})

test('a batch with a wrong byte is not taken', () => {
  const bytes = batch(0, 3)
  bytes[bytes.length - 1] = 9
  const target = reader()
  expect(target.take(bytes)).toBe('wrong CRC')
  expect(target.fetchOffset).toBe(0)
})

test('a batch that is cut at the end of an answer is left for the next fetch', () => {
  const target = reader()
  expect(target.take(concatBytes([batch(0, 2), batch(2, 2).slice(0, 30)]))).toBeUndefined()
  expect(target.fetchOffset).toBe(2)
  expect(reader().take(batch(0, 2).slice(0, 30))).toBe('not a whole batch')
})

test('seeking drops what was fetched and tells fetches under way apart', () => {
  const target = reader()
  target.take(batch(0, 5))
  const { generation } = target
  target.seek(offset(2))
  expect([target.position, target.fetchOffset, target.bufferedBytes]).toEqual([2, 2, 0])
  expect(target.generation).not.toBe(generation)
})

function plan(
  readers: readonly PartitionReader[],
  inFlight: readonly FetchInFlight[] = [],
  bufferBytesMax = 100_000,
): FetchPlan {
  return planFetches({
    readers,
    leaderOf: (target): NodeId => nodeId(target.partition % 2),
    inFlight,
    bounds: { fetchBytesMax: 1000, bufferBytesMax },
    nowMs: 0,
  })
}

test('partitions that are behind get requests of their own, the others share one a broker', () => {
  const readers = Array.from({ length: 8 }, (_, index) => reader(index))
  for (const target of readers.slice(4)) target.isBehind = false
  const { groups } = plan(readers)
  const shapes = groups.map(({ broker, isHot, readers: group }) => [broker, isHot, group.length])
  expect(shapes).toEqual([
    [0, true, 1],
    [0, true, 1],
    [0, false, 2],
    [1, true, 1],
    [1, true, 1],
    [1, false, 2],
  ])
})

test('what is paused, in flight, full or not started is not fetched', () => {
  const paused = reader(0)
  paused.isPaused = true
  const flying = reader(2)
  flying.isInFlight = true
  const full = reader(4)
  full.take(batch(0, 200))
  const unstarted = new PartitionReader('t', partitionIndex(6))
  expect(plan([paused, flying, full, unstarted]).groups).toEqual([])
})

test('memory bounds how much is fetched at once, but one fetch always goes', () => {
  const readers = Array.from({ length: 4 }, (_, index) => reader(index * 2))
  expect(plan(readers, [], 2500).groups).toHaveLength(2)
  expect(plan(readers, [], 10).groups).toHaveLength(1)
})

test('nothing more is asked for while an answer waits to be handed over, unless it is paused', () => {
  const full = reader(0)
  full.take(batch(0, 200))
  const empty = reader(2)
  expect(plan([full, empty]).groups).toEqual([])
  full.isPaused = true
  expect(plan([full, empty]).groups).toHaveLength(1)
})

test('polls that are parked apart are cancelled to become one', () => {
  const target = reader(0)
  target.isBehind = false
  const parked = Array.from({ length: 4 }, () => ({ broker: nodeId(0), isHot: false }))
  expect(plan([target], parked).cancels).toEqual([0])
  expect(plan([target], parked.slice(1)).cancels).toEqual([])
})

test('a partition that failed waits out its pause', () => {
  const target = reader(0)
  target.retryAtMs = 70
  expect(plan([target])).toEqual({ groups: [], cancels: [], wakeAtMs: 70 })
})
