/**
 * Compaction of one batch after the other. The first walk notes the newest offset of each key, the
 * second says what is left of each batch. Both are generators that pause every few hundred records,
 * so that whoever runs them can let others go on. Sources: Kafka's log cleaner, KIP-58, KIP-534.
 *
 * What survives:
 * - of each key the record at its newest offset, and everything behind the stretch that was looked at;
 * - a tombstone (no value) until its batch's delete horizon: set by the first compaction that keeps
 *   it, to then + delete.retention.ms, so that whoever reads from the start has so long to see it;
 * - control batches, as they are;
 * - never a record without key: it stands for no value of anything.
 *
 * A batch without a record left goes, unless its end is needed (`BatchEnds`): then its header stays.
 * What stays keeps offsets, leader epoch, timestamps, headers, producer and sequences.
 */
import { type Offset } from '../../base/id.ts'
import {
  baseTimestampMs,
  batchHeaderBytes,
  compression,
  deleteHorizonMs,
  hasLogAppendTime,
  isControl,
  maxTimestampMs,
  nextOffset,
  producerId,
  recordCount,
  writeThinnedHeader,
} from '../record/batch-header.ts'
import { RecordCursor } from '../record/batch-reader.ts'
import { varintBytesOf, writeVarint } from '../record/batch-writer.ts'
import { type KeyOffsets } from './compaction-keys.ts'

/** Records between two pauses. */
const pauseRecordCount = 256

/** A verified batch and its records, inflated. */
export interface InflatedBatch {
  readonly batch: Uint8Array
  readonly records: Uint8Array
}

/** What the second walk goes by. */
export interface SurvivalRules {
  /** The newest offsets in the stretch up to `upTo`. */
  readonly keys: KeyOffsets
  readonly upTo: Offset
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
  readonly deleteRetentionMs: number
}

/** What is left of a batch: all of it, nothing, or other records under a new header. */
export type Thinned =
  | { readonly type: 'whole' }
  | { readonly type: 'empty' }
  | {
      readonly type: 'fewer'
      readonly records: Uint8Array
      readonly recordCount: number
      readonly baseTimestampMs: number
      readonly maxTimestampMs: number
      readonly hasDeleteHorizon: boolean
    }

/** Which batches keep their header when they lose all records. */
export interface BatchEnds {
  /** The last offset of the stretch that is rewritten: it still covers all of it. */
  readonly next: Offset
  /** True where a later leader epoch starts: the history of epochs stays what it was. */
  readonly isEpochStart: (offset: Offset) => boolean
  /** Where the last batch of a producer ends: it can be rebuilt from the log, and goes on with its sequences. */
  readonly producerEnd: (producerId: number) => Offset | undefined
}

/** Notes the keys of a batch; returns the offset from which on there was no room, if so. */
export function* noteKeys(
  { batch, records }: InflatedBatch,
  keys: KeyOffsets,
): Generator<undefined, Offset | undefined> {
  if (isControl(batch, 0)) return undefined
  const cursor = new RecordCursor().openInflated(batch, 0, records)
  for (let count = 1; cursor.next(); count++) {
    const offset = cursor.offset as Offset // decoder: the batch header was verified
    if (cursor.keyBytes >= 0 && !keys.put(cursor.bytes, cursor.keyAt, cursor.keyBytes, offset))
      return offset
    if (count % pauseRecordCount === 0) yield
  }
  return undefined
}

/** What is left of a batch. */
export function* thinBatch(
  { batch, records }: InflatedBatch,
  rules: SurvivalRules,
): Generator<undefined, Thinned> {
  if (isControl(batch, 0)) return { type: 'whole' }
  const horizonMs = deleteHorizonMs(batch, 0)
  const isPastHorizon = horizonMs !== undefined && rules.nowMs >= horizonMs
  const cursor = new RecordCursor().openInflated(batch, 0, records)
  /** From and to of neighbouring survivors, by turns. */
  const ranges: number[] = []
  let count = 0
  let greatestMs = -1
  let hasTombstone = false
  let from = 0
  for (let seen = 1; cursor.next(); seen++) {
    if (survives(cursor, rules, isPastHorizon)) {
      if (ranges.at(-1) === from) ranges[ranges.length - 1] = cursor.recordEnd
      else ranges.push(from, cursor.recordEnd)
      count += 1
      greatestMs = Math.max(greatestMs, cursor.timestampMs)
      hasTombstone ||= cursor.valueBytes < 0
    }
    from = cursor.recordEnd
    if (seen % pauseRecordCount === 0) yield
  }
  const needsHorizon = hasTombstone && horizonMs === undefined
  if (count === recordCount(batch, 0) && !needsHorizon)
    return count === 0 ? { type: 'empty' } : { type: 'whole' }
  if (count === 0) return { type: 'empty' }
  const kept = joined(records, ranges)
  const base = baseTimestampMs(batch, 0)
  const newBase = needsHorizon ? rules.nowMs + rules.deleteRetentionMs : base
  return {
    type: 'fewer',
    records: needsHorizon ? yield* shifted(kept, base - newBase) : kept,
    recordCount: count,
    baseTimestampMs: newBase,
    maxTimestampMs: hasLogAppendTime(batch, 0) ? maxTimestampMs(batch, 0) : greatestMs,
    hasDeleteHorizon: needsHorizon || horizonMs !== undefined,
  }
}

/** True for a batch that keeps its header without a record. */
export function mustKeepHeader(batch: Uint8Array, ends: BatchEnds): boolean {
  const next = nextOffset(batch, 0)
  if (next >= ends.next || ends.isEpochStart(next)) return true
  const producer = producerId(batch, 0)
  return producer >= 0 && ends.producerEnd(producer) === next
}

/** The batch with fewer records; `packed` is `thinned.records` as the batch's codec has them. */
export function sealThinned(
  batch: Uint8Array,
  thinned: Extract<Thinned, { readonly type: 'fewer' }>,
  packed: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(batchHeaderBytes + packed.length)
  bytes.set(packed, batchHeaderBytes)
  const codec = compression(batch, 0)
  writeThinnedHeader(bytes, batch, { ...thinned, compression: codec, batchBytes: bytes.length })
  return bytes
}

/** The header of a batch, without any record. */
export function sealEmpty(batch: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(batchHeaderBytes)
  writeThinnedHeader(bytes, batch, {
    batchBytes: batchHeaderBytes,
    recordCount: 0,
    baseTimestampMs: -1,
    maxTimestampMs: -1,
    compression: 'none',
    hasDeleteHorizon: false,
  })
  return bytes
}

function survives(cursor: RecordCursor, rules: SurvivalRules, isPastHorizon: boolean): boolean {
  if (cursor.offset >= rules.upTo) return true
  if (cursor.keyBytes < 0) return false
  if (cursor.valueBytes < 0 && isPastHorizon) return false
  return cursor.offset >= rules.keys.find(cursor.bytes, cursor.keyAt, cursor.keyBytes)
}

function joined(records: Uint8Array, ranges: readonly number[]): Uint8Array {
  let length = 0
  for (let index = 0; index < ranges.length; index += 2)
    length += (ranges[index + 1] ?? 0) - (ranges[index] ?? 0)
  const bytes = new Uint8Array(length)
  let at = 0
  for (let index = 0; index < ranges.length; index += 2) {
    const range = records.subarray(ranges[index], ranges[index + 1])
    bytes.set(range, at)
    at += range.length
  }
  return bytes
}

/** The records with `byMs` added to each timestamp delta: the base that they count from has moved. */
function* shifted(records: Uint8Array, byMs: number): Generator<undefined, Uint8Array> {
  const bytes = new Uint8Array(records.length + growthOf(records))
  const source = { bytes: records, at: 0 }
  let to = 0
  for (let count = 1; source.at < records.length; count++) {
    const length = takeVarint(source)
    const end = source.at + length
    const attributes = records[source.at++] ?? 0
    const delta = takeVarint(source) + byMs
    to = writeVarint(bytes, to, 1 + varintBytesOf(delta) + (end - source.at))
    bytes[to++] = attributes
    to = writeVarint(bytes, to, delta)
    bytes.set(records.subarray(source.at, end), to)
    to += end - source.at
    source.at = end
    if (count % pauseRecordCount === 0) yield
  }
  return bytes.subarray(0, to)
}

/** The most that records can grow by when their timestamp deltas do: 9 bytes each, and 1 of their length. */
function growthOf(records: Uint8Array): number {
  const source = { bytes: records, at: 0 }
  let count = 0
  while (source.at < records.length) {
    const length = takeVarint(source)
    source.at += length
    count += 1
  }
  return count * 10
}

/** A zigzag varint of records that a cursor has walked: it is whole. */
function takeVarint(source: { readonly bytes: Uint8Array; at: number }): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = source.bytes[source.at++] ?? 0
    value += (byte & 127) * scale
    if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    scale *= 128
  }
}
