/**
 * The consumer: reads partitions that it was assigned, from where it was told, and hands their
 * records over one by one or in batches. Fetching goes on in the background within a bound.
 *
 * Invariants: between seeks the offsets handed over of a partition strictly increase; `position` is
 * always the offset after the last record handed over; at most one iteration runs at a time.
 */
import { offset, partitionIndex, type Offset } from '../../base/id.ts'
import { type OpenedBatch, type ConsumedRecord, RecordBatch } from './consumed-record.ts'
import { type Isolation } from '../../core/api/fetch.ts'
import { PartitionReader, type StoredBatch } from '../../core/client/partition-reader.ts'
import { batchHeaderBytes } from '../../core/record/batch-header.ts'
import { StorageFault } from '../ports/fault.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { type ClusterView } from './cluster-view.ts'
import { SluiceError, sluiceErrorOf } from './errors.ts'
import { Fetcher, type StartQuestion } from './fetcher.ts'
import { RecordIteration } from './record-iteration.ts'
import { handlesOf, type Handles, type TopicHandle } from './topic-handle.ts'
import { awaitTopic } from './topic-lookup.ts'
import { cancelled } from './waiting.ts'

/**
 * Where to begin: `beginning` (or `earliest`), `end` (or `latest`), an offset, or the first record
 * at or after a time (whole ms since the Unix epoch).
 */
export type StartFrom =
  'beginning' | 'earliest' | 'end' | 'latest' | number | { readonly timestampMs: number }

/** How a consumer works. Every field has a default. */
export interface ConsumerOptions {
  /** Where partitions begin that say nothing else. Default `latest`, as in Kafka. */
  readonly from?: StartFrom
  /** `committed` leaves out records of open and aborted transactions. Default `committed`. */
  readonly isolation?: Isolation
  /** Where to go on when the offset is not in the log any more. Default `earliest`, with a line in the log. */
  readonly outOfRange?: 'earliest' | 'latest' | 'fail'
  /** Most bytes of one answer of a broker; a larger batch comes whole. Default 393 216. */
  readonly fetchBytesMax?: number
  /** Memory for records fetched and not handed over. Default 33 554 432. */
  readonly bufferBytesMax?: number
  /** How long a broker may park a fetch that finds nothing, in ms. Default 500. */
  readonly fetchWaitMsMax?: number
  /** How long a broker may take to answer, in ms, parking apart. Default 30 000. */
  readonly requestTimeoutMs?: number
}

/** What to read. */
export interface SubscribeOptions {
  /** Default: all partitions, those added later too. */
  readonly partitions?: readonly number[]
  /** Default: where the consumer is in the partition, else its option `from`. */
  readonly from?: StartFrom
  /** Ends the iteration with `CANCELLED`. */
  readonly signal?: AbortSignal
}

/** How batches are cut. */
export interface BatchOptions extends SubscribeOptions {
  /** Most records of a batch. Default: what is there. */
  readonly recordCountMax?: number
  /** How long to wait for `recordCountMax` records of a partition before fewer are handed over, in ms. Default 0. */
  readonly waitMsMax?: number
}

/** A partition of a topic, by name and index. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** What is read of one topic. */
interface Subscription {
  readonly partitions: readonly number[] | undefined
  readonly readers: Map<number, PartitionReader>
}

/** Most that a batch of records may inflate to. */
const inflatedBytesMax = 134_217_728

/**
 * Reads records. Made by `client.consumer`; close it when done.
 *
 * It reads the partitions it is told to (groups that share them out come with the group
 * coordinator) and only what is replicated. Errors carry `code`: `UNKNOWN_TOPIC_OR_PARTITION`,
 * `OFFSET_OUT_OF_RANGE`, `CORRUPT_MESSAGE`, `DESERIALIZATION_FAILED`, `CANCELLED`, …; after one,
 * iterating again goes on at `position`. Leader changes and reconnection never show.
 *
 * @example
 * await using consumer = client.consumer({ from: 'beginning' })
 * for await (const record of consumer.subscribe(orders, { signal })) await bill(record.value)
 */
export class Consumer {
  readonly #cluster: ClusterView
  readonly #options: Required<ConsumerOptions>
  readonly #lifecycle: Lifecycle
  readonly #fetcher: Fetcher
  readonly #subscriptions = new Map<string, Subscription>()
  /** All readers, in the order in which they take turns. */
  #turns: PartitionReader[] = []
  #turn = 0
  #isIterating = false

  constructor(cluster: ClusterView, options: Required<ConsumerOptions>) {
    questionOf(options.from) // an option that makes no sense is refused here
    this.#cluster = cluster
    this.#options = options
    this.#lifecycle = new Lifecycle(cluster.ports.telemetry)
    this.#fetcher = new Fetcher(cluster, options)
    this.#lifecycle.spawn('follow-metadata', async (signal) => this.#followMetadata(signal))
  }

  /** True once `close` was called. */
  get isClosed(): boolean {
    return this.#lifecycle.isClosing
  }

  /**
   * Reads topics record by record, in offset order within a partition, partitions taking turns.
   * What was read before and is not named now is read no more.
   */
  subscribe<K = Uint8Array, V = Uint8Array | undefined>(
    topics: TopicHandle<K, V> | string | readonly (TopicHandle<K, V> | string)[],
    options: SubscribeOptions = {},
  ): AsyncIterableIterator<ConsumedRecord<K, V>> {
    const handles = handlesOf<K, V>(topics)
    const begin = async (): Promise<void> => this.#begin(handles, options)
    return new RecordIteration(handles, {
      begin,
      next: async () => this.#nextReader(options.signal),
      open: async (stored) => this.#open(stored),
      isOver: () => this.#lifecycle.isClosing,
      handedOver: () => {
        this.#fetcher.reconsider()
      },
      end: () => {
        this.#isIterating = false
      },
    })
  }

  /** As `subscribe`, in batches: the fastest way. A batch counts as handed over at once. */
  async *batches<K = Uint8Array, V = Uint8Array | undefined>(
    topics: TopicHandle<K, V> | string | readonly (TopicHandle<K, V> | string)[],
    options: BatchOptions = {},
  ): AsyncIterableIterator<RecordBatch<K, V>> {
    const handles = handlesOf<K, V>(topics)
    await this.#begin(handles, options)
    try {
      for (;;) {
        const batch = await this.#nextBatch(handles, options)
        if (batch === undefined) return
        yield batch
      }
    } finally {
      this.#isIterating = false
    }
  }

  /** What is read now. */
  assignment(): readonly TopicPartition[] {
    return this.#turns.map(({ topic, partition }) => ({ topic, partition }))
  }

  /** Hands over nothing of these partitions (default: of all) until `resume`. */
  pause(partitions: readonly TopicPartition[] = this.assignment()): void {
    for (const place of partitions) this.#reader(place).isPaused = true
  }

  /** Undoes `pause`. */
  resume(partitions: readonly TopicPartition[] = this.assignment()): void {
    for (const place of partitions) this.#reader(place).isPaused = false
    this.#fetcher.reconsider()
    this.#fetcher.arrived.ring()
  }

  /** Goes on elsewhere in a partition that is read. */
  seek(place: TopicPartition, to: StartFrom): void {
    this.#fetcher.start(this.#reader(place), questionOf(to))
  }

  /** The offset after the last record handed over; undefined while the beginning is being looked up. */
  position(place: TopicPartition): Offset | undefined {
    return this.#reader(place).position
  }

  /** Records between the position and the end of the partition as last heard; undefined before the first answer. */
  lag(place: TopicPartition): number | undefined {
    const { highWatermark, position } = this.#reader(place)
    if (highWatermark === undefined || position === undefined) return undefined
    return Math.max(0, highWatermark - position)
  }

  /** Ends every iteration and request. A second call waits as well. */
  async close(): Promise<void> {
    const isFirst = !this.#lifecycle.isClosing
    const work = this.#lifecycle.close()
    if (isFirst) for (const topic of this.#subscriptions.keys()) this.#cluster.release(topic)
    await this.#fetcher.close()
    await work
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #begin<K, V>(handles: Handles<K, V>, options: SubscribeOptions): Promise<void> {
    if (this.#lifecycle.isClosing) throw new SluiceError('CLOSED', 'the consumer is closed')
    if (this.#isIterating) {
      throw new SluiceError('INVALID_ARGUMENT', 'the consumer is being iterated already')
    }
    this.#isIterating = true
    try {
      for (const name of this.#subscriptions.keys()) if (!handles.has(name)) this.#unsubscribe(name)
      for (const name of handles.keys()) await this.#subscribe(name, options)
    } catch (cause) {
      this.#isIterating = false
      throw sluiceErrorOf(cause, 'subscribing')
    }
  }

  async #subscribe(name: string, options: SubscribeOptions): Promise<void> {
    const { signal } = options
    const isNew = !this.#subscriptions.has(name)
    if (isNew) this.#cluster.use(name)
    let count: number
    try {
      const deadline = { atMs: Infinity, ...(signal && { signal }) }
      const topic = await awaitTopic(this.#cluster, name, deadline)
      count = topic.partitions.length
      checkPartitions(name, options.partitions, count)
    } catch (cause) {
      if (isNew) this.#cluster.release(name)
      throw cause
    }
    const readers = this.#subscriptions.get(name)?.readers ?? new Map<number, PartitionReader>()
    const wanted = new Set(options.partitions ?? Array.from({ length: count }, (_, index) => index))
    for (const [partition, reader] of readers) {
      if (wanted.has(partition)) continue
      this.#fetcher.remove(reader)
      readers.delete(partition)
    }
    for (const partition of wanted) {
      const reader = readers.get(partition)
      const from = options.from ?? this.#options.from
      if (reader === undefined) this.#addReader(readers, name, partition, questionOf(from))
      else if (options.from !== undefined) this.#fetcher.start(reader, questionOf(from))
    }
    this.#subscriptions.set(name, { partitions: options.partitions, readers })
    this.#arrangeTurns()
  }

  #unsubscribe(name: string): void {
    for (const reader of this.#subscriptions.get(name)?.readers.values() ?? []) {
      this.#fetcher.remove(reader)
    }
    this.#subscriptions.delete(name)
    this.#cluster.release(name)
    this.#arrangeTurns()
  }

  #addReader(
    readers: Map<number, PartitionReader>,
    topic: string,
    partition: number,
    start: StartQuestion,
  ): void {
    const reader = new PartitionReader(topic, partitionIndex(partition))
    readers.set(partition, reader)
    this.#fetcher.add(reader, start)
  }

  #arrangeTurns(): void {
    this.#turns = [...this.#subscriptions.values()].flatMap(({ readers }) => [...readers.values()])
    this.#turn = 0
  }

  /** Partitions that were added to a topic that is read whole: from their beginning, or records would be missed. */
  async #followMetadata(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#cluster.learned.wait({ signal })
      for (const [name, { partitions, readers }] of this.#subscriptions) {
        const count = this.#cluster.cache.topic(name)?.partitions.length ?? 0
        if (partitions !== undefined || count <= readers.size) continue
        for (let partition = readers.size; partition < count; partition++) {
          this.#addReader(readers, name, partition, { type: 'earliest' })
        }
        this.#arrangeTurns()
      }
    }
  }

  #reader(place: TopicPartition): PartitionReader {
    const reader = this.#subscriptions.get(place.topic)?.readers.get(place.partition)
    if (reader !== undefined) return reader
    const message = `${place.topic}-${place.partition} is not being read by this consumer`
    throw new SluiceError('INVALID_ARGUMENT', message)
  }

  /** The next partition with something to hand over; undefined when the consumer was closed. */
  async #nextReader(
    signal: AbortSignal | undefined,
    isReady: (reader: PartitionReader) => boolean = hasRecords,
  ): Promise<PartitionReader | undefined> {
    for (;;) {
      if (signal?.aborted === true) throw cancelled('reading', 'refused')
      if (this.#lifecycle.isClosing) return undefined
      const failure = this.#fetcher.takeFailure()
      if (failure !== undefined) throw failure
      for (let look = 0; look < this.#turns.length; look++) {
        const reader = this.#turns[(this.#turn + look) % this.#turns.length]
        if (reader === undefined || reader.isPaused || !isReady(reader)) continue
        this.#turn = (this.#turn + look + 1) % this.#turns.length
        return reader
      }
      await this.#fetcher.arrived.wait(signal === undefined ? {} : { signal })
    }
  }

  async #nextBatch<K, V>(
    handles: Handles<K, V>,
    options: BatchOptions,
  ): Promise<RecordBatch<K, V> | undefined> {
    const countMax = options.recordCountMax ?? Infinity
    for (;;) {
      const reader = await this.#nextReader(options.signal)
      if (reader === undefined) return undefined
      await this.#fill(reader, options)
      const { generation, position } = reader
      const batches = reader.ahead(countMax)
      const last = batches.at(-1)
      const topic = handles.get(reader.topic)
      if (position === undefined || last === undefined || topic === undefined) continue
      const parts = await this.#openAll(batches)
      if (reader.generation !== generation) continue
      const to = offset(Math.min(position + countMax, last.nextOffset))
      reader.advance(to)
      this.#fetcher.reconsider()
      return new RecordBatch({ topic, partition: reader.partition }, parts, { from: position, to })
    }
  }

  /** Waits a while for as many records as the caller would like at once. */
  async #fill(reader: PartitionReader, options: BatchOptions): Promise<void> {
    const { recordCountMax, waitMsMax, signal } = options
    if (recordCountMax === undefined || waitMsMax === undefined) return
    const { clock } = this.#cluster.ports
    await this.#fetcher.arrived.until(
      () => this.#lifecycle.isClosing || reader.bufferedOffsets() >= recordCountMax,
      { ...(signal && { signal }), timeout: { clock, ms: waitMsMax } },
    )
  }

  async #openAll(batches: readonly StoredBatch[]): Promise<readonly OpenedBatch[]> {
    if (batches.every((batch) => batch.compression === 'none')) {
      return batches.map((stored) => ({ stored, plain: undefined }))
    }
    const parts: OpenedBatch[] = []
    for (const batch of batches) parts.push(await this.#open(batch))
    return parts
  }

  async #open(stored: StoredBatch): Promise<OpenedBatch> {
    const { bytes, at, length, compression } = stored
    if (compression === 'none') return { stored, plain: undefined }
    const packed = bytes.subarray(at + batchHeaderBytes, at + length)
    try {
      const { compressor } = this.#cluster.ports
      return { stored, plain: await compressor.decompress(compression, packed, inflatedBytesMax) }
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      const message = `the batch at offset ${stored.baseOffset} cannot be inflated: ${cause.message}`
      throw new SluiceError('CORRUPT_MESSAGE', message, { cause })
    }
  }
}

function hasRecords(reader: PartitionReader): boolean {
  return reader.peek() !== undefined
}

function checkPartitions(
  name: string,
  partitions: readonly number[] | undefined,
  count: number,
): void {
  for (const partition of partitions ?? []) {
    if (Number.isInteger(partition) && partition >= 0 && partition < count) continue
    const message = `topic ${name} has partitions 0 to ${count - 1}, not ${partition}`
    throw new SluiceError('INVALID_ARGUMENT', message)
  }
}

function questionOf(from: StartFrom): StartQuestion {
  if (from === 'beginning' || from === 'earliest') return { type: 'earliest' }
  if (from === 'end' || from === 'latest') return { type: 'latest' }
  const value: unknown = typeof from === 'number' ? from : from.timestampMs
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new SluiceError('INVALID_ARGUMENT', `not a place to begin: ${JSON.stringify(from)}`)
  }
  return typeof from === 'number'
    ? { type: 'offset', offset: offset(from) }
    : { type: 'at-time', timestampMs: value }
}
