/**
 * The iteration of a consumer record by record. Within a fetched batch a step is synchronous but
 * for the promise that the language asks for; between batches it waits for its consumer. Leaving
 * the loop loses nothing: a batch stays with its reader until its last record was handed over.
 */
import { offset } from '../../base/id.ts'
import { type PartitionReader, type StoredBatch } from '../../core/client/partition-reader.ts'
import { BatchIterator, type ConsumedRecord, type OpenedBatch } from './consumed-record.ts'
import { sluiceErrorOf } from './errors.ts'
import { type Handles } from './topic-handle.ts'

/** What an iteration asks of its consumer. */
export interface IterationHost {
  readonly begin: () => Promise<void>
  /** The next partition with records; undefined when the consumer was closed. */
  readonly next: () => Promise<PartitionReader | undefined>
  readonly open: (stored: StoredBatch) => Promise<OpenedBatch>
  readonly isOver: () => boolean
  readonly handedOver: () => void
  readonly end: () => void
}

/** One record after the other. Within a batch `next` does no more than step and wrap. */
export class RecordIteration<K, V> implements AsyncIterableIterator<ConsumedRecord<K, V>> {
  readonly #handles: Handles<K, V>
  readonly #host: IterationHost
  #hasBegun = false
  #hasEnded = false
  #current:
    | {
        readonly reader: PartitionReader
        readonly generation: number
        readonly records: BatchIterator<K, V>
        readonly stored: StoredBatch
      }
    | undefined

  constructor(handles: Handles<K, V>, host: IterationHost) {
    this.#handles = handles
    this.#host = host
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  // eslint-disable-next-line @typescript-eslint/promise-function-async -- one promise a record: async would add a second
  next(): Promise<IteratorResult<ConsumedRecord<K, V>, undefined>> {
    try {
      const record = this.#nextInBatch()
      if (record !== undefined) return Promise.resolve({ done: false, value: record })
    } catch (cause) {
      this.#end()
      return Promise.reject(sluiceErrorOf(cause, 'reading'))
    }
    return this.#nextElsewhere()
  }

  async return(): Promise<IteratorResult<ConsumedRecord<K, V>, undefined>> {
    this.#end()
    return Promise.resolve({ done: true, value: undefined })
  }

  #nextInBatch(): ConsumedRecord<K, V> | undefined {
    const current = this.#current
    if (current === undefined) return undefined
    const { reader, generation, records, stored } = current
    if (reader.generation !== generation || reader.isPaused || this.#host.isOver()) {
      this.#current = undefined
      return undefined
    }
    const record = records.nextRecord()
    if (record !== undefined) {
      reader.advance(offset(record.offset + 1))
      return record
    }
    this.#current = undefined
    reader.advance(stored.nextOffset)
    this.#host.handedOver()
    return undefined
  }

  async #nextElsewhere(): Promise<IteratorResult<ConsumedRecord<K, V>, undefined>> {
    try {
      while (!this.#hasEnded) {
        if (!this.#hasBegun) {
          await this.#host.begin()
          this.#hasBegun = true
        }
        const reader = await this.#host.next()
        if (reader === undefined) break
        await this.#openNext(reader)
        const record = this.#nextInBatch()
        if (record !== undefined) return { done: false, value: record }
      }
    } catch (cause) {
      this.#end()
      throw sluiceErrorOf(cause, 'reading')
    }
    this.#end()
    return { done: true, value: undefined }
  }

  async #openNext(reader: PartitionReader): Promise<void> {
    const { generation } = reader
    const stored = reader.peek()
    const topic = this.#handles.get(reader.topic)
    if (stored === undefined || topic === undefined) return
    const part = await this.#host.open(stored)
    const { position, partition } = reader
    if (reader.generation !== generation || position === undefined) return
    const range = { from: position, to: stored.nextOffset }
    const records = new BatchIterator({ topic, partition }, [part], range)
    this.#current = { reader, generation, records, stored }
  }

  #end(): void {
    if (this.#hasBegun && !this.#hasEnded) this.#host.end()
    this.#hasEnded = true
    this.#current = undefined
  }
}
