/** Compaction against a naive model: a list of records of which each key's newest counts. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { utf8 } from '../../src/base/bytes.ts'
import { epoch, offset, type Offset } from '../../src/base/id.ts'
import {
  baseOffset,
  batchHeaderBytes,
  deleteHorizonMs,
  leaderEpoch,
  nextOffset,
  producerId,
  stampBatch,
  verifyBatch,
} from '../../src/core/record/batch-header.ts'
import { readRecords } from '../../src/core/record/batch-reader.ts'
import { BatchWriter } from '../../src/core/record/batch-writer.ts'
import {
  mustKeepHeader,
  noteKeys,
  sealEmpty,
  sealThinned,
  thinBatch,
  type BatchEnds,
} from '../../src/core/replica/compaction.ts'
import { KeyOffsets } from '../../src/core/replica/compaction-keys.ts'

interface PlannedRecord {
  readonly key: number | undefined
  readonly value: string | undefined
  readonly timestampMs: number
}

interface PlannedBatch {
  readonly records: readonly PlannedRecord[]
  readonly isNewEpoch: boolean
  readonly producer: number
}

const record: fc.Arbitrary<PlannedRecord> = fc.record({
  key: fc.option(fc.nat(7), { nil: undefined, freq: 20 }),
  value: fc.option(fc.string({ maxLength: 12 }), { nil: undefined, freq: 3 }),
  timestampMs: fc.nat(100_000),
})
const batches: fc.Arbitrary<readonly PlannedBatch[]> = fc.array(
  fc.record({
    records: fc.array(record, { minLength: 1, maxLength: 9 }),
    isNewEpoch: fc.boolean(),
    producer: fc.integer({ min: -1, max: 2 }),
  }),
  { minLength: 1, maxLength: 14 },
)

const retentionMs = 1000

function encode(plan: readonly PlannedBatch[]): readonly Uint8Array[] {
  let next = 0
  let leaderEpochNow = 1
  return plan.map(({ records, isNewEpoch, producer }) => {
    if (isNewEpoch) leaderEpochNow += 1
    const writer = new BatchWriter(new Uint8Array(4096), 0, 4096)
    for (const { key, value, timestampMs } of records)
      writer.append(
        key === undefined ? undefined : utf8(`key ${key}`),
        value === undefined ? undefined : utf8(value),
        timestampMs,
        key === 3 ? [{ name: 'h', value: utf8('v') }] : [],
      )
    const length = writer.seal(
      producer < 0 ? {} : { producer: { id: producer, epoch: 0, baseSequence: next } },
    )
    stampBatch(writer.bytes, 0, { baseOffset: offset(next), leaderEpoch: epoch(leaderEpochNow) })
    next += records.length
    return writer.bytes.slice(0, length)
  })
}

function endsOf(all: readonly Uint8Array[]): BatchEnds {
  const starts = new Set<Offset>()
  const producers = new Map<number, Offset>()
  for (const [index, batch] of all.entries()) {
    const before = all[index - 1]
    if (before !== undefined && leaderEpoch(before, 0) !== leaderEpoch(batch, 0))
      starts.add(nextOffset(before, 0))
    producers.set(producerId(batch, 0), nextOffset(batch, 0))
  }
  return {
    next: nextOffset(present(all.at(-1), 'a last batch'), 0),
    isEpochStart: (at) => starts.has(at),
    producerEnd: (id) => producers.get(id),
  }
}

function finish<T>(walk: Generator<undefined, T>): T {
  for (;;) {
    const step = walk.next()
    if (step.done === true) return step.value
  }
}

/** One compaction, as the engine runs it, of uncompressed batches. */
function compact(
  all: readonly Uint8Array[],
  ends: BatchEnds,
  { nowMs, from = 0, bytesMax = 1 << 20 }: { nowMs: number; from?: number; bytesMax?: number },
): { readonly kept: readonly Uint8Array[]; readonly upTo: Offset } {
  const keys = new KeyOffsets({ bytesMax, seed: 7 })
  const inflated = all.map((batch) => ({ batch, records: batch.subarray(batchHeaderBytes) }))
  let upTo = ends.next
  for (const each of inflated) {
    if (nextOffset(each.batch, 0) <= from) continue
    const full = finish(noteKeys(each, keys))
    if (full === undefined) continue
    upTo = full
    break
  }
  const kept: Uint8Array[] = []
  for (const each of inflated) {
    const rules = { keys, upTo, nowMs, deleteRetentionMs: retentionMs }
    const thinned = finish(thinBatch(each, rules))
    if (thinned.type === 'whole') kept.push(each.batch)
    else if (thinned.type === 'fewer') kept.push(sealThinned(each.batch, thinned, thinned.records))
    else if (mustKeepHeader(each.batch, ends)) kept.push(sealEmpty(each.batch))
  }
  return { kept, upTo }
}

interface Seen {
  readonly offset: number
  readonly key: string | undefined
  readonly value: string | undefined
  readonly timestampMs: number
  readonly headerCount: number
}

const decoder = new TextDecoder()

function recordsOf(all: readonly Uint8Array[]): readonly Seen[] {
  return all.flatMap((batch) =>
    readRecords(batch, 0).map((view) => {
      const key = view.key()
      const value = view.value()
      return {
        offset: view.offset,
        key: key && decoder.decode(key),
        value: value && decoder.decode(value),
        timestampMs: view.timestampMs,
        headerCount: view.headers().length,
      }
    }),
  )
}

/** What a reader by key ends up with. */
function stateOf(records: readonly Seen[]): ReadonlyMap<string, Seen> {
  const newest = new Map<string, Seen>()
  for (const each of records) {
    if (each.key === undefined) continue
    if (each.value === undefined) newest.delete(each.key)
    else newest.set(each.key, each)
  }
  return newest
}

test('what survives is each key’s newest record, exactly as it was; tombstones until their horizon', () => {
  fc.assert(
    fc.property(batches, (plan) => {
      const all = encode(plan)
      const before = recordsOf(all)
      const { kept } = compact(all, endsOf(all), { nowMs: 500_000 })
      const newest = new Map(before.map((each) => [each.key, each]))
      newest.delete(undefined)
      const expected = before.filter((each) => newest.get(each.key) === each)
      expect(recordsOf(kept)).toEqual(expected)
      for (const batch of kept) {
        const hasTombstone = recordsOf([batch]).some(({ value }) => value === undefined)
        expect(deleteHorizonMs(batch, 0)).toBe(hasTombstone ? 501_000 : undefined)
      }
    }),
  )
})

test('a reader by key sees the same before and after, and also when tombstones have gone', () => {
  fc.assert(
    fc.property(batches, (plan) => {
      const all = encode(plan)
      const ends = endsOf(all)
      const state = stateOf(recordsOf(all))
      let { kept } = compact(all, ends, { nowMs: 500_000 })
      expect(stateOf(recordsOf(kept))).toEqual(state)
      kept = compact(kept, ends, { nowMs: 500_999, from: ends.next }).kept
      const tombstones = recordsOf(kept).filter(({ value }) => value === undefined)
      expect(stateOf(recordsOf(kept))).toEqual(state)
      kept = compact(kept, ends, { nowMs: 501_000, from: ends.next }).kept
      expect(stateOf(recordsOf(kept))).toEqual(state)
      expect(recordsOf(kept).filter(({ value }) => value === undefined)).toEqual([])
      expect(tombstones.every(({ key }) => key !== undefined && !state.has(key))).toBe(true)
    }),
  )
})

test('compacting again changes nothing', () => {
  fc.assert(
    fc.property(batches, fc.boolean(), (plan, fromStart) => {
      const all = encode(plan)
      const ends = endsOf(all)
      const { kept } = compact(all, ends, { nowMs: 500_000 })
      const again = compact(kept, ends, { nowMs: 500_400, from: fromStart ? 0 : ends.next })
      expect(again.kept).toEqual(kept)
    }),
  )
})

test('batches keep their place; ends of epochs, of producers and of the log stay', () => {
  fc.assert(
    fc.property(batches, (plan) => {
      const all = encode(plan)
      const ends = endsOf(all)
      let kept: readonly Uint8Array[] = all
      for (const nowMs of [500_000, 600_000]) kept = compact(kept, ends, { nowMs }).kept
      const places = new Map(all.map((batch) => [baseOffset(batch, 0), batch]))
      let last = -1
      for (const batch of kept) {
        expect(verifyBatch(batch, 0)).toBeUndefined()
        const source = present(places.get(baseOffset(batch, 0)), 'the batch that it was')
        expect(baseOffset(batch, 0)).toBeGreaterThan(last)
        expect(nextOffset(batch, 0)).toBe(nextOffset(source, 0))
        expect(leaderEpoch(batch, 0)).toBe(leaderEpoch(source, 0))
        expect(batch.subarray(43, 57)).toEqual(source.subarray(43, 57)) // producer and sequence
        last = baseOffset(batch, 0)
      }
      const { next, isEpochStart, producerEnd } = endsOf(kept)
      expect(next).toBe(ends.next)
      for (const batch of all) {
        const end = nextOffset(batch, 0)
        expect(isEpochStart(end)).toBe(ends.isEpochStart(end))
        const producer = producerId(batch, 0)
        if (producer >= 0) expect(producerEnd(producer)).toBe(ends.producerEnd(producer))
      }
    }),
  )
})

test('with room for a few keys only, nothing newest is lost, and going on behind ends the same', () => {
  const many = fc.array(fc.nat(5000), { minLength: 1200, maxLength: 1500 })
  fc.assert(
    fc.property(many, (keys) => {
      const all = encode(
        keys.map((key, index) => ({
          records: [{ key, value: `${index}`, timestampMs: index }],
          isNewEpoch: false,
          producer: -1,
        })),
      )
      const ends = endsOf(all)
      const state = stateOf(recordsOf(all))
      let kept: readonly Uint8Array[] = all
      let from = 0
      let passCount = 0
      while (from < ends.next) {
        const pass = compact(kept, ends, { nowMs: 500_000, from, bytesMax: 50_000 })
        expect(pass.upTo).toBeGreaterThan(from)
        kept = pass.kept
        from = pass.upTo
        passCount += 1
        expect(stateOf(recordsOf(kept))).toEqual(state)
      }
      if (new Set(keys).size > 1024) expect(passCount).toBeGreaterThan(1)
      expect(recordsOf(kept)).toHaveLength(state.size)
    }),
    { numRuns: 10 },
  )
})

test('keys are told apart whatever their hash, and found however many there are', () => {
  const key = fc.uint8Array({ maxLength: 3 })
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3000 }), fc.integer(), (list, seed) => {
      const keys = new KeyOffsets({ bytesMax: 1 << 22, seed })
      const model = new Map<string, number>()
      for (const [index, each] of list.entries()) {
        expect(keys.put(each, 0, each.length, offset(index))).toBe(true)
        model.set(each.join(), index)
      }
      expect(keys.count()).toBe(model.size)
      for (const each of list) expect(keys.find(each, 0, each.length)).toBe(model.get(each.join()))
      expect(keys.find(utf8('absent'), 0, 6)).toBe(-1)
    }),
    { numRuns: 30 },
  )
})
