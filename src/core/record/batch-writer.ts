/**
 * Encodes records straight into a region of a given buffer as one record batch v2. A record leaves
 * nothing behind but its bytes: no object, no view. The header and the CRC are written once, by
 * `seal`. Called by the producer's accumulator and, through `encodeBatch`, by the metadata quorum.
 *
 * Invariants: the bytes from `start` to `position` are the header's room and whole records; offset
 * deltas are dense; nothing outside [start, end) is ever written.
 */
import { assert } from '../../base/assert.ts'
import { utf8 } from '../../base/bytes.ts'
import { type Epoch, type Offset } from '../../base/id.ts'
import { batchHeaderBytes, stampBatch, writeBatchHeader, type BatchHeader } from './batch-header.ts'

/** A header of a record: a name and, unless absent, its bytes. Names may repeat; order is kept. */
export interface RecordHeader {
  readonly name: string
  readonly value: Uint8Array | undefined
}

const fixedBytesMax = 36 // length 5, attributes 1, timestamp 10, offset, key, value and header count 5 each
const noHeaders: readonly RecordHeader[] = []

/** The most bytes that a record can take in a batch. */
export function recordBytesMax(
  key: Uint8Array | undefined,
  value: Uint8Array | undefined,
  headers: readonly RecordHeader[] = noHeaders,
): number {
  let bytes = fixedBytesMax + (key?.length ?? 0) + (value?.length ?? 0)
  for (const header of headers) bytes += 10 + header.name.length * 3 + (header.value?.length ?? 0)
  return bytes
}

/** One batch being written. */
export class BatchWriter {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  #position: number
  #recordCount = 0
  #baseTimestampMs = -1
  #maxTimestampMs = -1

  /** Writes into `bytes` from `start` up to, not including, `end`. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    assert(
      start >= 0 && start + batchHeaderBytes <= end && end <= bytes.length,
      'no room for a batch header',
    )
    this.bytes = bytes
    this.start = start
    this.end = end
    this.#position = start + batchHeaderBytes
  }

  /** How many records it holds. */
  get recordCount(): number {
    return this.#recordCount
  }

  /** Bytes so far, header included. */
  get length(): number {
    return this.#position - this.start
  }

  /** Whether a record of at most `bytesMax` (of `recordBytesMax`) has room. */
  fits(bytesMax: number): boolean {
    return this.#position + bytesMax <= this.end
  }

  /** Appends a record that fits, and returns its offset delta. An absent key or value is null on the wire. */
  append(
    key: Uint8Array | undefined,
    value: Uint8Array | undefined,
    timestampMs: number,
    headers: readonly RecordHeader[] = noHeaders,
  ): number {
    const delta = this.#recordCount++
    if (delta === 0) this.#baseTimestampMs = timestampMs
    if (timestampMs > this.#maxTimestampMs) this.#maxTimestampMs = timestampMs
    const timestampDelta = timestampMs - this.#baseTimestampMs
    const names = headers.length === 0 ? undefined : headers.map((header) => utf8(header.name))
    const length =
      1 +
      varintBytesOf(timestampDelta) +
      varintBytesOf(delta) +
      fieldBytes(key) +
      fieldBytes(value) +
      varintBytesOf(headers.length) +
      (names === undefined ? 0 : headersBytes(names, headers))
    const bytes = this.bytes
    let at = writeVarint(bytes, this.#position, length)
    assert(at + length <= this.end, 'a record that does not fit was appended')
    bytes[at++] = 0
    at = writeVarint(bytes, at, timestampDelta)
    at = writeVarint(bytes, at, delta)
    at = writeField(bytes, at, key)
    at = writeField(bytes, at, value)
    at = writeVarint(bytes, at, headers.length)
    if (names !== undefined) at = writeHeaders(bytes, at, names, headers)
    this.#position = at
    return delta
  }

  /** The records written so far, without the batch header: what a codec compresses. */
  records(): Uint8Array {
    return this.bytes.subarray(this.start + batchHeaderBytes, this.#position)
  }

  /** What the header says of the records; `batchBytes` for the records as they are. */
  header(): BatchHeader {
    return {
      batchBytes: this.length,
      lastOffsetDelta: this.#recordCount - 1,
      recordCount: this.#recordCount,
      baseTimestampMs: this.#baseTimestampMs,
      maxTimestampMs: this.#maxTimestampMs,
    }
  }

  /** Writes header and CRC and returns the batch's length. The writer is done then. */
  seal(extra: Pick<BatchHeader, 'isControl' | 'isTransactional' | 'producer'> = {}): number {
    assert(this.#recordCount > 0, 'an empty batch was sealed')
    writeBatchHeader(this.bytes, this.start, { ...this.header(), ...extra })
    return this.length
  }
}

/** A record to be encoded by `encodeBatch`. */
export interface PlainRecord {
  readonly key?: Uint8Array
  readonly value?: Uint8Array
  readonly headers?: readonly RecordHeader[]
  /** Milliseconds since the Unix epoch. */
  readonly timestampMs: number
}

/** One stamped batch of its own, off the hot path: the metadata log, control records, tests. */
export function encodeBatch(batch: {
  readonly records: readonly PlainRecord[]
  readonly baseOffset: Offset
  readonly leaderEpoch: Epoch
  readonly isControl?: boolean
}): Uint8Array {
  let bytesMax = batchHeaderBytes
  for (const { key, value, headers } of batch.records) {
    bytesMax += recordBytesMax(key, value, headers)
  }
  const writer = new BatchWriter(new Uint8Array(bytesMax), 0, bytesMax)
  for (const { key, value, timestampMs, headers } of batch.records) {
    writer.append(key, value, timestampMs, headers)
  }
  const length = writer.seal({ isControl: batch.isControl ?? false })
  stampBatch(writer.bytes, 0, batch)
  return writer.bytes.slice(0, length)
}

function headersBytes(names: readonly Uint8Array[], headers: readonly RecordHeader[]): number {
  let length = 0
  for (const [index, header] of headers.entries()) {
    length += fieldBytes(names[index]) + fieldBytes(header.value)
  }
  return length
}

function writeHeaders(
  bytes: Uint8Array,
  from: number,
  names: readonly Uint8Array[],
  headers: readonly RecordHeader[],
): number {
  let at = from
  for (const [index, header] of headers.entries()) {
    at = writeField(bytes, at, names[index])
    at = writeField(bytes, at, header.value)
  }
  return at
}

function fieldBytes(field: Uint8Array | undefined): number {
  return field === undefined ? 1 : varintBytesOf(field.length) + field.length
}

function writeField(bytes: Uint8Array, from: number, field: Uint8Array | undefined): number {
  if (field === undefined) {
    bytes[from] = 1 // zigzag of -1: null
    return from + 1
  }
  const at = writeVarint(bytes, from, field.length)
  bytes.set(field, at)
  return at + field.length
}

/** Bytes of a zigzag varint; values below 2^30 take the path without division. */
export function varintBytesOf(value: number): number {
  if (value >= 0 && value < 0x40000000) {
    if (value < 64) return 1
    if (value < 8192) return 2
    if (value < 1048576) return 3
    return value < 134217728 ? 4 : 5
  }
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  let count = 1
  while (rest > 127) {
    rest = Math.floor(rest / 128)
    count++
  }
  return count
}

/** Writes a zigzag varint at `from` and returns the index behind it. */
export function writeVarint(bytes: Uint8Array, from: number, value: number): number {
  let at = from
  if (value >= 0 && value < 0x40000000) {
    let rest = value << 1
    while (rest > 127) {
      bytes[at++] = (rest & 127) | 128
      rest >>>= 7
    }
    bytes[at++] = rest
    return at
  }
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  while (rest > 127) {
    bytes[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  bytes[at++] = rest
  return at
}
