import { expect, test } from 'vitest'
import { nodeId, type NodeId } from '../../../../src/base/id.ts'
import { Accumulator, type Frame } from '../../../../src/core/client/accumulator.ts'
import { readRecords } from '../../../../src/core/record/batch-reader.ts'
import { forEachBatch, verifyBatch } from '../../../../src/core/record/batch-header.ts'

const leader = nodeId(1)

function accumulator(
  options: Partial<ConstructorParameters<typeof Accumulator>[0]> = {},
): Accumulator<string> {
  return new Accumulator<string>({
    batchBytesMax: 1000,
    bufferBytesMax: 1_000_000,
    lingerMs: 5,
    frameBytesMax: 100_000,
    framesInFlightMax: 2,
    isIdempotent: false,
    ...options,
  })
}

function put(
  target: Accumulator<string>,
  partition: number | undefined,
  value: Uint8Array,
  nowMs = 0,
): string {
  const topic = target.topic('t')
  if (topic === undefined) throw new Error('no topic')
  const input = { key: undefined, value, headers: [], timestampMs: 1 }
  return target.append({ topic, partition }, input, () => nowMs, 'token')
}

function drained(target: Accumulator<string>, nowMs = 0, isPressed = false): Frame<string> {
  const frame = target.drain(leader, nowMs, isPressed)
  if (frame === undefined) throw new Error('nothing to send')
  return frame
}

function partitionsOf(frame: Frame<string>): readonly number[] {
  return frame.runs.map((run) => run.queue.partition)
}

const leaders = (count: number): readonly NodeId[] => Array.from({ length: count }, () => leader)

test('an idle lane sends a record at once; a busy one waits until it has lingered', () => {
  const target = accumulator()
  target.setTopic('t', leaders(2))
  put(target, 0, new Uint8Array(10))
  expect(partitionsOf(drained(target))).toEqual([0])
  put(target, 1, new Uint8Array(10), 1)
  target.resetWake()
  expect(target.drain(leader, 2, false)).toBeUndefined()
  expect(target.wakeAtMs).toBe(6)
  expect(partitionsOf(drained(target, 6))).toEqual([1])
})

test('a busy lane sends what is sealed once a good frame of it is there', () => {
  const target = accumulator({ frameBytesMax: 10_000 })
  target.setTopic('t', leaders(3))
  put(target, 0, new Uint8Array(10))
  drained(target)
  for (let index = 0; index < 8; index++) put(target, 1, new Uint8Array(800), 1)
  const frame = drained(target, 1)
  expect(partitionsOf(frame)).toEqual([1])
  expect(frame.bytes).toBeGreaterThan(5000)
})

test('one run of a partition is in flight at a time, and a retry goes first', () => {
  const target = accumulator()
  target.setTopic('t', leaders(1))
  put(target, 0, new Uint8Array([1]))
  const first = drained(target)
  put(target, 0, new Uint8Array([2]))
  expect(target.drain(leader, 100, true)).toBeUndefined()
  target.finishFrame(first)
  for (const run of first.runs) target.restore(run, { atMs: 50, mayHaveHappened: true })
  expect(target.drain(leader, 10, true)).toBeUndefined()
  const again = drained(target, 60, true)
  const values: number[] = []
  for (const { bytes } of again.runs) {
    forEachBatch(bytes, (at) => {
      expect(verifyBatch(bytes, at)).toBeUndefined()
      values.push(...readRecords(bytes, at).map((record) => record.value()?.[0] ?? -1))
    })
  }
  expect(values).toEqual([1, 2])
  expect(again.runs[0]?.batches.map((batch) => batch.mayHaveHappened)).toEqual([true, false])
})

test('a frame stays within its bound and at least one batch goes, however large', () => {
  const target = accumulator({ frameBytesMax: 3000 })
  target.setTopic('t', leaders(2))
  for (let index = 0; index < 8; index++) put(target, 0, new Uint8Array(900))
  expect(drained(target).bytes).toBeLessThanOrEqual(3000)
  put(target, 1, new Uint8Array(5000))
  expect(drained(target, 10).bytes).toBeGreaterThan(5000)
  expect(target.drain(leader, 100, true)).toBeUndefined() // two frames are in flight
})

test('without memory nothing is appended; settling gives it back', () => {
  const target = accumulator({ bufferBytesMax: 16_384, batchBytesMax: 16_384 })
  target.setTopic('t', leaders(1))
  expect(put(target, 0, new Uint8Array(16_000))).toBe('opened')
  expect(put(target, 0, new Uint8Array(16_000))).toBe('full')
  expect(target.unsettledCount).toBe(1)
  const frame = drained(target)
  target.finishFrame(frame)
  for (const run of frame.runs) target.settle(run, 'taken')
  expect(target.usedBytes).toBe(0)
  expect(put(target, 0, new Uint8Array(16_000))).toBe('opened')
})

test('a record larger than all memory is taken when nothing else is there', () => {
  const target = accumulator({ bufferBytesMax: 16_384 })
  target.setTopic('t', leaders(1))
  expect(put(target, 0, new Uint8Array(2_000_000))).toBe('opened')
  expect(put(target, 0, new Uint8Array(1))).toBe('full')
})

test('records without a key fill a batch before they go elsewhere, and all partitions get some', () => {
  const target = accumulator({ framesInFlightMax: 1 })
  target.setTopic('t', leaders(4))
  for (let index = 0; index < 40; index++) put(target, undefined, new Uint8Array(400))
  const frame = drained(target)
  expect(new Set(partitionsOf(frame)).size).toBe(4)
  const counts = frame.runs.flatMap((run) => run.batches.map(({ writer }) => writer.recordCount))
  expect(Math.max(...counts)).toBe(2)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40)
})

test('records wait while nobody leads, and go to whoever leads then', () => {
  const target = accumulator()
  target.setTopic('t', [undefined])
  put(target, 0, new Uint8Array(1))
  expect(target.brokers()).toEqual([])
  expect([...target.leaderlessTopics()]).toEqual(['t'])
  target.setTopic('t', [nodeId(2)])
  expect(target.brokers()).toEqual([2])
  target.setTopic('t', [leader])
  expect(partitionsOf(drained(target))).toEqual([0])
})

test('what is too old is taken out, in flight or not being the difference', () => {
  const target = accumulator()
  target.setTopic('t', leaders(2))
  put(target, 0, new Uint8Array(1), 10)
  drained(target, 10)
  put(target, 0, new Uint8Array(1), 11)
  put(target, 1, new Uint8Array(1), 12)
  const removed = target.removeOlder(12)
  expect(removed.map(({ queue }) => queue.partition)).toEqual([0, 1])
  expect(target.hasUnsettledUntil(10)).toBe(true)
  expect(target.unsettledCount).toBe(1)
})

test('a run that is too large for the broker comes back in pieces that keep order and tokens', () => {
  const target = accumulator({ batchBytesMax: 4000 })
  target.setTopic('t', leaders(1))
  for (let index = 0; index < 4; index++) put(target, 0, new Uint8Array([index]))
  const whole = drained(target)
  target.finishFrame(whole)
  for (const run of whole.runs) expect(target.shrink(run)).toBe(true)
  const values: number[] = []
  for (let piece = 0; piece < 2; piece++) {
    const frame = drained(target)
    target.finishFrame(frame)
    for (const run of frame.runs) {
      expect(run.batches[0]?.tokens).toEqual(['token', 'token'])
      values.push(...readRecords(run.bytes, 0).map((record) => record.value()?.[0] ?? -1))
      target.settle(run, 'taken')
    }
  }
  expect(values).toEqual([0, 1, 2, 3])
  expect(target.usedBytes).toBe(0)
})

test('a chunk whose bytes a transport may still read is never written again', () => {
  const target = accumulator({ bufferBytesMax: 16_384 })
  target.setTopic('t', leaders(1))
  put(target, 0, new Uint8Array([1]))
  const frame = drained(target)
  for (const run of frame.runs) {
    target.taint(run)
    const bytes = run.bytes.slice()
    target.finishFrame(frame)
    target.settle(run, 'taken')
    put(target, 0, new Uint8Array([2]))
    drained(target)
    expect(run.bytes).toEqual(bytes)
  }
})

test('a run of which the next leader has the first batch only comes again batch by batch, under its numbers', () => {
  const target = accumulator({ isIdempotent: true })
  target.setProducerId(7)
  target.setTopic('t', leaders(1))
  for (let index = 0; index < 3; index++) put(target, 0, new Uint8Array(800))
  const unheard = drained(target)
  target.finishFrame(unheard)
  for (const run of unheard.runs) target.restore(run, { atMs: 0, mayHaveHappened: true })
  const refused = drained(target)
  expect(refused.runs.map(({ batches }) => batches.length)).toEqual([3])
  target.finishFrame(refused)
  for (const run of refused.runs) target.outOfOrder(run, 10)
  const sequences: unknown[] = []
  for (let piece = 0; piece < 3; piece++) {
    const frame = drained(target, 10)
    target.finishFrame(frame)
    for (const run of frame.runs) {
      sequences.push(...run.batches.map(({ numbered }) => numbered?.producer))
      target.settle(run, 'taken')
    }
  }
  expect(sequences).toEqual([0, 1, 2].map((baseSequence) => ({ id: 7, epoch: 0, baseSequence })))
  expect(target.takeLost()).toEqual([])
  expect(target.usedBytes).toBe(0)
})
