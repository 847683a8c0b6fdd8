/**
 * Reads the records of a batch lazily. A `RecordCursor` walks a records section and holds positions
 * only; a `RecordView` is what a user gets: it remembers positions, and key, value and headers
 * materialise when touched, as views of the batch's memory. Bytes that are not records raise
 * `MalformedBytesError`, never anything else: a CRC proves transport, not that a producer was sane.
 */
import { ByteReader, MalformedBytesError, textOf } from '../../base/bytes.ts'
import { type Offset } from '../../base/id.ts'
import {
  baseOffset,
  baseTimestampMs,
  batchBytes,
  batchHeaderBytes,
  compression,
  hasLogAppendTime,
  maxTimestampMs,
  recordCount,
} from './batch-header.ts'
import { type RecordHeader } from './batch-writer.ts'

const headerBytesMin = 2
const noHeaders: readonly RecordHeader[] = []

/** Walks the records of one batch after another; the fields hold the current record's positions. */
export class RecordCursor {
  /** The memory that the positions are in. */
  bytes: Uint8Array
  offset: number
  timestampMs: number
  keyAt: number
  /** -1: no key. */
  keyBytes: number
  valueAt: number
  /** -1: no value. */
  valueBytes: number
  /** Where the record's headers start, with their count. */
  headersAt: number
  /** Where the record ends. */
  recordEnd: number
  #at = 0
  #end = 0
  #left = 0
  #baseOffset = 0
  #baseTimestampMs = 0
  #appendTimeMs = -1

  /** Without a batch: `next` is false until `open`. */
  constructor() {
    this.bytes = new Uint8Array(0)
    this.offset = 0
    this.timestampMs = -1
    this.keyAt = 0
    this.keyBytes = -1
    this.valueAt = 0
    this.valueBytes = -1
    this.headersAt = 0
    this.recordEnd = 0
  }

  /** Starts before the first record of the verified, uncompressed batch at `at`. */
  open(bytes: Uint8Array, at: number): this {
    if (compression(bytes, at) !== 'none') throw new MalformedBytesError('the batch is compressed')
    return this.#start(bytes, at, {
      bytes,
      from: at + batchHeaderBytes,
      to: at + batchBytes(bytes, at),
    })
  }

  /** As `open`, for a batch whose records section was inflated into `plain`. */
  openInflated(bytes: Uint8Array, at: number, plain: Uint8Array): this {
    return this.#start(bytes, at, { bytes: plain, from: 0, to: plain.length })
  }

  #start(
    header: Uint8Array,
    at: number,
    records: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
  ): this {
    this.bytes = records.bytes
    this.#at = records.from
    this.#end = records.to
    this.#left = recordCount(header, at)
    this.#baseOffset = baseOffset(header, at)
    this.#baseTimestampMs = baseTimestampMs(header, at)
    this.#appendTimeMs = hasLogAppendTime(header, at) ? maxTimestampMs(header, at) : -1
    return this
  }

  /** Steps to the next record; false after the last. */
  next(): boolean {
    if (this.#left === 0) {
      if (this.#at !== this.#end) throw new MalformedBytesError('bytes after the last record')
      return false
    }
    this.#left -= 1
    const length = this.#varint()
    const recordEnd = this.#at + length
    if (length < 1 || recordEnd > this.#end)
      throw new MalformedBytesError('a record past its batch')
    this.#at += 1 // attributes: none are defined
    const timestampDelta = this.#varint()
    const offsetDelta = this.#varint()
    if (offsetDelta < 0) throw new MalformedBytesError('a negative offset delta')
    this.offset = this.#baseOffset + offsetDelta
    this.timestampMs =
      this.#appendTimeMs >= 0 ? this.#appendTimeMs : this.#baseTimestampMs + timestampDelta
    this.keyBytes = this.#field(recordEnd)
    this.keyAt = this.#at
    if (this.keyBytes > 0) this.#at += this.keyBytes
    this.valueBytes = this.#field(recordEnd)
    this.valueAt = this.#at
    if (this.valueBytes > 0) this.#at += this.valueBytes
    this.headersAt = this.#at
    if (this.#at >= recordEnd) throw new MalformedBytesError('a record without its header count')
    this.recordEnd = recordEnd
    this.#at = recordEnd
    return true
  }

  /** The current record, to be kept: valid as long as the batch's memory is not reused. */
  view(): RecordView {
    return new RecordView(this)
  }

  /** Length of a key or value at the position, checked against the record's end. */
  #field(recordEnd: number): number {
    const length = this.#varint()
    if (length < -1 || this.#at + length > recordEnd) {
      throw new MalformedBytesError('a field past its record')
    }
    return length
  }

  #varint(): number {
    const bytes = this.bytes
    let at = this.#at
    const first = bytes[at++] ?? 0
    if (first < 128 && at <= this.#end) {
      this.#at = at
      return (first >>> 1) ^ -(first & 1)
    }
    let value = first & 127
    let scale = 128
    for (let byte = first; byte > 127; scale *= 128) {
      if (at >= this.#end || at - this.#at >= 10) throw new MalformedBytesError('a cut varint')
      byte = bytes[at++] ?? 0
      value += (byte & 127) * scale
    }
    if (at > this.#end) throw new MalformedBytesError('a cut varint')
    if (value > Number.MAX_SAFE_INTEGER) throw new MalformedBytesError('a varint beyond 2^53')
    this.#at = at
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

/** One record. Key, value and headers are taken out of the batch when asked for. */
export class RecordView {
  readonly offset: Offset
  /** Milliseconds since the Unix epoch; -1 when the record has none. */
  readonly timestampMs: number
  readonly #bytes: Uint8Array
  readonly #keyAt: number
  readonly #keyBytes: number
  readonly #valueAt: number
  readonly #valueBytes: number
  readonly #headersAt: number
  readonly #recordEnd: number

  constructor(cursor: RecordCursor) {
    this.offset = cursor.offset as Offset // decoder: the batch header was verified
    this.timestampMs = cursor.timestampMs
    this.#bytes = cursor.bytes
    this.#keyAt = cursor.keyAt
    this.#keyBytes = cursor.keyBytes
    this.#valueAt = cursor.valueAt
    this.#valueBytes = cursor.valueBytes
    this.#headersAt = cursor.headersAt
    this.#recordEnd = cursor.recordEnd
  }

  /** The key's bytes, or undefined when it has none. */
  key(): Uint8Array | undefined {
    if (this.#keyBytes < 0) return undefined
    return this.#bytes.subarray(this.#keyAt, this.#keyAt + this.#keyBytes)
  }

  /** The value's bytes, or undefined when it has none. */
  value(): Uint8Array | undefined {
    if (this.#valueBytes < 0) return undefined
    return this.#bytes.subarray(this.#valueAt, this.#valueAt + this.#valueBytes)
  }

  /** The headers in order; `MalformedBytesError` when they are not headers. */
  headers(): readonly RecordHeader[] {
    return readHeaders(this.#bytes, this.#headersAt, this.#recordEnd)
  }
}

/** All records of a verified, uncompressed batch, off the hot path. */
export function readRecords(bytes: Uint8Array, at: number): readonly RecordView[] {
  const cursor = new RecordCursor().open(bytes, at)
  const records: RecordView[] = []
  while (cursor.next()) records.push(cursor.view())
  return records
}

/** The headers between a cursor's `headersAt` and `recordEnd`; `MalformedBytesError` when they are none. */
export function readHeaders(bytes: Uint8Array, from: number, to: number): readonly RecordHeader[] {
  if (bytes[from] === 0 && from + 1 === to) return noHeaders
  const reader = new ByteReader(bytes.subarray(from, to))
  const headers: RecordHeader[] = []
  const count = reader.count(headerBytesMin)
  for (let index = 0; index < count; index++) {
    const name = textOf(reader.bytes(reader.varint()))
    const length = reader.varint()
    if (length < -1) throw new MalformedBytesError('a header of negative length')
    headers.push({ name, value: length < 0 ? undefined : reader.bytes(length) })
  }
  if (reader.remaining > 0) throw new MalformedBytesError('bytes after the last header')
  return headers
}
