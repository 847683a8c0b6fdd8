/**
 * The 61-byte header of record batch v2, read and patched in place. Everything here takes the bytes
 * and the index where the batch starts, and reads single bytes: no view is made per call. The
 * readers trust the header; bytes from outside go through `verifyBatch` first. Source: Kafka's
 * record batch format, KIP-98.
 *
 *      0 base offset       8   21 attributes           2   43 producer id     8
 *      8 length after this 4   23 last offset delta    4   51 producer epoch  2
 *     12 leader epoch      4   27 base timestamp       8   53 base sequence   4
 *     16 magic = 2         1   35 greatest timestamp   8   57 record count    4
 *     17 CRC32C from 21 on 4
 */
import { assert } from '../../base/assert.ts'
import { crc32c } from '../../base/crc32c.ts'
import { epoch, offset, type Epoch, type Offset } from '../../base/id.ts'
import { compressionNames, type CompressionName } from './compression.ts'

/** Bytes of a batch before its records. */
export const batchHeaderBytes = 61

/** Index in a batch of the first byte that its CRC covers. */
export const crcFrom = 21

const lengthFrom = 12
const two32 = 4294967296

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

function int16At(bytes: Uint8Array, at: number): number {
  return ((byteAt(bytes, at) << 24) >> 16) | byteAt(bytes, at + 1)
}

function int32At(bytes: Uint8Array, at: number): number {
  return (
    (byteAt(bytes, at) << 24) |
    (byteAt(bytes, at + 1) << 16) |
    (byteAt(bytes, at + 2) << 8) |
    byteAt(bytes, at + 3)
  )
}

function int64At(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at) * two32 + (int32At(bytes, at + 4) >>> 0)
}

function setInt16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

function setInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

function setInt64(bytes: Uint8Array, at: number, value: number): void {
  setInt32(bytes, at, Math.floor(value / two32))
  setInt32(bytes, at + 4, value >>> 0)
}

/** Length of the whole batch that starts at `at`, header included. */
export function batchBytes(bytes: Uint8Array, at: number): number {
  return lengthFrom + int32At(bytes, at + 8)
}

/** Offset of the first record. */
export function baseOffset(bytes: Uint8Array, at: number): Offset {
  return offset(int64At(bytes, at))
}

/** Offset of the last record (kept by compaction even when that record is gone). */
export function lastOffset(bytes: Uint8Array, at: number): Offset {
  return offset(int64At(bytes, at) + int32At(bytes, at + 23))
}

/** Offset after the last record: where the next batch starts. */
export function nextOffset(bytes: Uint8Array, at: number): Offset {
  return offset(int64At(bytes, at) + int32At(bytes, at + 23) + 1)
}

/** False for a place that no log gives: the batch CRC leaves offset and epoch out, so rot in them shows here. */
export function hasPossiblePlace(bytes: Uint8Array, at: number): boolean {
  const base = int64At(bytes, at)
  const delta = int32At(bytes, at + 23)
  const isOffset = base >= 0 && delta >= 0 && Number.isSafeInteger(base + delta + 1)
  return isOffset && int32At(bytes, at + 12) >= 0
}

/** Leader epoch under which the batch was appended. */
export function leaderEpoch(bytes: Uint8Array, at: number): Epoch {
  return epoch(int32At(bytes, at + 12))
}

/** How many records the batch holds. */
export function recordCount(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + 57)
}

/**
 * What the timestamps of the records count from, in ms since the Unix epoch: that of the first
 * record, or the delete horizon where there is one; -1 when there is none.
 */
export function baseTimestampMs(bytes: Uint8Array, at: number): number {
  return int64At(bytes, at + 27)
}

/** Greatest timestamp of its records, in ms since the Unix epoch; -1 when there is none. */
export function maxTimestampMs(bytes: Uint8Array, at: number): number {
  return int64At(bytes, at + 35)
}

/** True when its records carry the broker's time of append, not the producer's. */
export function hasLogAppendTime(bytes: Uint8Array, at: number): boolean {
  return (byteAt(bytes, at + 22) & 8) !== 0
}

/** True for a batch of a transaction. */
export function isTransactional(bytes: Uint8Array, at: number): boolean {
  return (byteAt(bytes, at + 22) & 16) !== 0
}

/** True when its records are the cluster's own (leader changes, voters, markers), not a user's. */
export function isControl(bytes: Uint8Array, at: number): boolean {
  return (byteAt(bytes, at + 22) & 32) !== 0
}

/** When the tombstones of a compacted batch may go, in ms since the Unix epoch; undefined while that is not set (KIP-534). */
export function deleteHorizonMs(bytes: Uint8Array, at: number): number | undefined {
  return (byteAt(bytes, at + 22) & 64) === 0 ? undefined : int64At(bytes, at + 27)
}

/** Codec of the records section; undefined for a number that no codec has. */
export function claimedCompression(bytes: Uint8Array, at: number): CompressionName | undefined {
  return compressionNames[byteAt(bytes, at + 22) & 7]
}

/** Codec of the records section of a verified batch. */
export function compression(bytes: Uint8Array, at: number): CompressionName {
  const name = claimedCompression(bytes, at)
  assert(name !== undefined, 'a batch with an unknown codec was not refused')
  return name
}

/** Id of the idempotent producer; -1 without one. */
export function producerId(bytes: Uint8Array, at: number): number {
  return int64At(bytes, at + 43)
}

/** Epoch of the idempotent producer; -1 without one. */
export function producerEpoch(bytes: Uint8Array, at: number): number {
  return int16At(bytes, at + 51)
}

/** Sequence of the first record; -1 without an idempotent producer. */
export function baseSequence(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + 53)
}

/** Gives a batch its place in the log: base offset and leader epoch, which the CRC does not cover. */
export function stampBatch(
  bytes: Uint8Array,
  at: number,
  place: { readonly baseOffset: Offset; readonly leaderEpoch: Epoch },
): void {
  setInt64(bytes, at, place.baseOffset)
  setInt32(bytes, at + 12, place.leaderEpoch)
}

/** What a header says besides its place; absent fields: no producer, no codec, a user's batch. */
export interface BatchHeader {
  /** Length of the whole batch, header included. */
  readonly batchBytes: number
  readonly lastOffsetDelta: number
  readonly recordCount: number
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  readonly compression?: CompressionName
  readonly isControl?: boolean
  readonly isTransactional?: boolean
  readonly producer?: {
    readonly id: number
    readonly epoch: number
    readonly baseSequence: number
  }
}

/** Writes the header of a batch whose records are in place, with its CRC; the place is offset 0, epoch -1 until stamped. */
export function writeBatchHeader(bytes: Uint8Array, at: number, header: BatchHeader): void {
  const attributes =
    compressionNames.indexOf(header.compression ?? 'none') |
    (header.isTransactional === true ? 16 : 0) |
    (header.isControl === true ? 32 : 0)
  setInt64(bytes, at, 0)
  setInt32(bytes, at + 8, header.batchBytes - lengthFrom)
  setInt32(bytes, at + 12, -1)
  bytes[at + 16] = 2
  setInt16(bytes, at + 21, attributes)
  setInt32(bytes, at + 23, header.lastOffsetDelta)
  setInt64(bytes, at + 27, header.baseTimestampMs)
  setInt64(bytes, at + 35, header.maxTimestampMs)
  setInt64(bytes, at + 43, header.producer?.id ?? -1)
  setInt16(bytes, at + 51, header.producer?.epoch ?? -1)
  setInt32(bytes, at + 53, header.producer?.baseSequence ?? -1)
  setInt32(bytes, at + 57, header.recordCount)
  setInt32(bytes, at + 17, crc32c(bytes.subarray(at + crcFrom, at + header.batchBytes)))
}

/** What compaction changes in the header of a batch. */
export interface ThinnedHeader {
  /** Length of the whole batch, header included. */
  readonly batchBytes: number
  readonly recordCount: number
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  readonly compression: CompressionName
  readonly hasDeleteHorizon: boolean
}

/**
 * Writes the header of a batch that some records were taken out of, with its CRC. Everything else is
 * as in `source`: offsets, leader epoch, producer and sequences, so that nobody misses a batch.
 */
export function writeThinnedHeader(
  bytes: Uint8Array,
  source: Uint8Array,
  thinned: ThinnedHeader,
): void {
  bytes.set(source.subarray(0, batchHeaderBytes))
  const kept = byteAt(source, 22) & ~(7 | 64)
  setInt32(bytes, 8, thinned.batchBytes - lengthFrom)
  bytes[22] =
    kept | compressionNames.indexOf(thinned.compression) | (thinned.hasDeleteHorizon ? 64 : 0)
  setInt64(bytes, 27, thinned.baseTimestampMs)
  setInt64(bytes, 35, thinned.maxTimestampMs)
  setInt32(bytes, 57, thinned.recordCount)
  setInt32(bytes, 17, crc32c(bytes.subarray(crcFrom, thinned.batchBytes)))
}

/**
 * The batch that starts at `at` with its records section replaced by `records`, packed with another
 * codec: all else of the header stays, its place included.
 */
export function repackBatch(
  bytes: Uint8Array,
  at: number,
  packed: { readonly codec: CompressionName; readonly records: Uint8Array },
): Uint8Array {
  const length = batchHeaderBytes + packed.records.length
  const batch = new Uint8Array(length)
  batch.set(bytes.subarray(at, at + batchHeaderBytes))
  batch.set(packed.records, batchHeaderBytes)
  setInt32(batch, 8, length - lengthFrom)
  batch[22] = (byteAt(batch, 22) & ~7) | compressionNames.indexOf(packed.codec)
  setInt32(batch, 17, crc32c(batch.subarray(crcFrom)))
  return batch
}

/**
 * What is wrong with the batch that starts at `at`, in words, or undefined when its header is sane
 * and its CRC right. The records themselves are not looked at.
 */
export function verifyBatch(bytes: Uint8Array, at: number): string | undefined {
  const wrong = verifyHeader(bytes, at)
  if (wrong !== undefined) return wrong
  const covered = bytes.subarray(at + crcFrom, at + batchBytes(bytes, at))
  return crc32c(covered) === int32At(bytes, at + 17) >>> 0 ? undefined : 'wrong CRC'
}

/** What `verifyBatch` says of a batch that is sane but for a codec that nobody knows. */
export const unknownCodec = 'unknown codec'

/** As `verifyBatch`, without the CRC. */
export function verifyHeader(bytes: Uint8Array, at: number): string | undefined {
  const left = bytes.length - at
  if (left < batchHeaderBytes) return `${left} bytes left, a batch header has ${batchHeaderBytes}`
  const length = batchBytes(bytes, at)
  if (length < batchHeaderBytes || length > left) return `length ${length} with ${left} bytes left`
  if (byteAt(bytes, at + 16) !== 2) return `magic ${byteAt(bytes, at + 16)}, only 2 is known`
  const first = int64At(bytes, at)
  const delta = int32At(bytes, at + 23)
  if (first < 0 || delta < 0 || !Number.isSafeInteger(first + delta + 1)) {
    return `offsets from ${first}, ${delta} on`
  }
  const count = recordCount(bytes, at)
  if (count < 0 || count > delta + 1) return `${count} records with a last offset delta of ${delta}`
  if (claimedCompression(bytes, at) === undefined) return unknownCodec
  return undefined
}

/**
 * Walks a run of whole batches, in order. The bytes are trusted (verified before, or written by
 * this process): a batch that does not end inside them is a defect.
 */
export function forEachBatch(
  bytes: Uint8Array,
  visit: (at: number, length: number) => void,
  from = 0,
): void {
  let at = from
  while (at < bytes.length) {
    const length = wholeBatchBytes(bytes, at)
    assert(length !== undefined, 'a run of batches does not end with a whole batch')
    visit(at, length)
    at += length
  }
}

/** Length of the batch at `at`, or undefined when the bytes end before it does or its length is no batch's. */
export function wholeBatchBytes(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.length - at < batchHeaderBytes) return undefined
  const length = batchBytes(bytes, at)
  return length < batchHeaderBytes || at + length > bytes.length ? undefined : length
}
