/**
 * What a consumer hands over: records and batches of records. Both are views of fetched memory; key,
 * value and headers materialise when they are touched, by the topic's serdes.
 */
import { MalformedBytesError } from '../../base/bytes.ts'
import { type Offset, type PartitionIndex } from '../../base/id.ts'
import { type StoredBatch } from '../../core/client/partition-reader.ts'
import { readHeaders, RecordCursor } from '../../core/record/batch-reader.ts'
import { type RecordHeader } from '../../core/record/batch-writer.ts'
import { SluiceError } from './errors.ts'
import { type TopicHandle } from './topic-handle.ts'

/** Where records come from: shared by all records of a batch. */
export interface RecordSource<K, V> {
  readonly topic: TopicHandle<K, V>
  readonly partition: PartitionIndex
}

/**
 * One record. `key` and `value` are decoded anew each time they are read: keep them if they are
 * needed twice. Keeping the record keeps the whole answer it came in (up to 1 MiB) in memory.
 */
export class ConsumedRecord<K, V> {
  readonly offset: Offset
  /** Milliseconds since the Unix epoch: the producer's time, or the broker's by the topic's config; -1 for none. */
  readonly timestampMs: number
  readonly #source: RecordSource<K, V>
  readonly #bytes: Uint8Array
  readonly #keyAt: number
  readonly #keyBytes: number
  readonly #valueAt: number
  readonly #valueBytes: number
  readonly #headersAt: number
  readonly #recordEnd: number

  /** Of the record that the cursor is at. */
  constructor(source: RecordSource<K, V>, cursor: RecordCursor) {
    this.offset = cursor.offset as Offset // decoder: the batch header was verified
    this.timestampMs = cursor.timestampMs
    this.#source = source
    this.#bytes = cursor.bytes
    this.#keyAt = cursor.keyAt
    this.#keyBytes = cursor.keyBytes
    this.#valueAt = cursor.valueAt
    this.#valueBytes = cursor.valueBytes
    this.#headersAt = cursor.headersAt
    this.#recordEnd = cursor.recordEnd
  }

  /** Name of the topic. */
  get topic(): string {
    return this.#source.topic.name
  }

  /** Index of the partition. */
  get partition(): PartitionIndex {
    return this.#source.partition
  }

  /** The key, or undefined when it has none. Throws `DESERIALIZATION_FAILED` when the serde refuses it. */
  get key(): K | undefined {
    if (this.#keyBytes < 0) return undefined
    const bytes = this.#bytes.subarray(this.#keyAt, this.#keyAt + this.#keyBytes)
    return this.#decoded(this.#source.topic.key.deserialize, bytes)
  }

  /** The value. Throws `DESERIALIZATION_FAILED` when the serde refuses it. */
  get value(): V {
    const bytes =
      this.#valueBytes < 0
        ? undefined
        : this.#bytes.subarray(this.#valueAt, this.#valueAt + this.#valueBytes)
    return this.#decoded(this.#source.topic.value.deserialize, bytes)
  }

  /** The headers, in the producer's order; names may repeat. */
  get headers(): readonly RecordHeader[] {
    return readHeaders(this.#bytes, this.#headersAt, this.#recordEnd)
  }

  /** Bytes of the value, 0 when it is null: for sizes without decoding. */
  get valueBytes(): number {
    return Math.max(0, this.#valueBytes)
  }

  /** For `JSON.stringify` and logs: all of it, key and value as their serdes make them. */
  toJSON(): {
    readonly topic: string
    readonly partition: PartitionIndex
    readonly offset: Offset
    readonly timestampMs: number
    readonly key: K | undefined
    readonly value: V
    readonly headers: readonly RecordHeader[]
  } {
    const { topic, partition, offset, timestampMs, key, value, headers } = this
    return { topic, partition, offset, timestampMs, key, value, headers }
  }

  #decoded<T>(deserialize: (bytes: Uint8Array | undefined) => T, bytes: Uint8Array | undefined): T {
    try {
      return deserialize(bytes)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const place = `${this.topic}-${this.partition} at offset ${this.offset}`
      throw new SluiceError('DESERIALIZATION_FAILED', `${place}: ${why}`, { cause })
    }
  }
}

/** A stored batch, inflated if it was compressed. */
export interface OpenedBatch {
  readonly stored: StoredBatch
  readonly plain: Uint8Array | undefined
}

/**
 * Consecutive records of one partition. Iterating is synchronous and lazy, and may be repeated.
 *
 * @example
 * for await (const batch of consumer.batches(orders)) for (const record of batch) bill(record.value)
 */
export class RecordBatch<K, V> {
  /** Offset of the first record, or of where it was if compaction removed it. */
  readonly baseOffset: Offset
  /** Where the next batch of the partition starts. */
  readonly nextOffset: Offset
  readonly #source: RecordSource<K, V>
  readonly #parts: readonly OpenedBatch[]

  constructor(
    source: RecordSource<K, V>,
    parts: readonly OpenedBatch[],
    range: { readonly from: Offset; readonly to: Offset },
  ) {
    this.#source = source
    this.#parts = parts
    this.baseOffset = range.from
    this.nextOffset = range.to
  }

  /** Name of the topic. */
  get topic(): string {
    return this.#source.topic.name
  }

  /** Index of the partition. */
  get partition(): PartitionIndex {
    return this.#source.partition
  }

  [Symbol.iterator](): Iterator<ConsumedRecord<K, V>> {
    return new BatchIterator(this.#source, this.#parts, {
      from: this.baseOffset,
      to: this.nextOffset,
    })
  }
}

/** Steps through the records of some batches within a range of offsets. */
export class BatchIterator<K, V> implements Iterator<ConsumedRecord<K, V>> {
  readonly #source: RecordSource<K, V>
  readonly #parts: readonly OpenedBatch[]
  readonly #from: number
  readonly #to: number
  readonly #cursor = new RecordCursor()
  #part = 0

  constructor(
    source: RecordSource<K, V>,
    parts: readonly OpenedBatch[],
    range: { readonly from: number; readonly to: number },
  ) {
    this.#source = source
    this.#parts = parts
    this.#from = range.from
    this.#to = range.to
  }

  next(): IteratorResult<ConsumedRecord<K, V>, undefined> {
    const record = this.nextRecord()
    return record === undefined ? { done: true, value: undefined } : { done: false, value: record }
  }

  /** The next record, or undefined after the last. */
  nextRecord(): ConsumedRecord<K, V> | undefined {
    try {
      while (this.#step()) {
        if (this.#cursor.offset < this.#from) continue
        if (this.#cursor.offset >= this.#to) return undefined
        return new ConsumedRecord(this.#source, this.#cursor)
      }
      return undefined
    } catch (cause) {
      if (!(cause instanceof MalformedBytesError)) throw cause
      const place = `${this.#source.topic.name}-${this.#source.partition}`
      const message = `${place}: a batch holds no records: ${cause.message}`
      throw new SluiceError('CORRUPT_MESSAGE', message, { cause })
    }
  }

  /** To the next record of this batch or of the batches after it. */
  #step(): boolean {
    while (!this.#cursor.next()) if (!this.#openNext()) return false
    return true
  }

  #openNext(): boolean {
    const part = this.#parts[this.#part++]
    if (part === undefined) return false
    const { bytes, at } = part.stored
    if (part.plain === undefined) this.#cursor.open(bytes, at)
    else this.#cursor.openInflated(bytes, at, part.plain)
    return true
  }
}
