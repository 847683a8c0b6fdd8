/**
 * The producer: takes records in the order of the calls, holds them back when memory is used up,
 * and hands them to the sender. `send` keeps a promise a record; `sendMany` keeps nothing a record.
 *
 * Invariants: records of one topic enter the accumulator in the order of the calls, also when calls
 * had to wait; a call that waits holds one place in its topic's line.
 */
import { type TopicQueues } from '../../core/client/accumulator.ts'
import { type RecordInput } from '../../core/client/partition-queue.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { type ClusterView } from './cluster-view.ts'
import { encodeRecord, partitionFor } from './encode-record.ts'
import { SluiceError, sluiceErrorOf } from './errors.ts'
import { type Delivery, ProduceSender } from './produce-sender.ts'
import {
  type CallOptions,
  type ProducerOptions,
  type ProducerRecord,
  type SendResult,
} from './records.ts'
import { handleOf, type TopicHandle } from './topic-handle.ts'
import { awaitTopic } from './topic-lookup.ts'
import { before, deadlineOf } from './waiting.ts'

/** How far a call came: all handed over, held up by memory, or by having had its share of this turn. */
type Progress = 'done' | 'no-memory' | 'turn-over'

/** A call that waits for its turn. */
interface Admission {
  /** Hands over what it can. */
  readonly proceed: (topic: TopicQueues<Delivery>) => Progress
  readonly done: () => void
  readonly fail: (error: SluiceError) => void
  /** When it last got on, on the monotonic clock. */
  movedAtMs: number
}

/** A topic that this producer writes to. */
interface TopicLine {
  readonly name: string
  queues: TopicQueues<Delivery> | undefined
  isResolving: boolean
  /** In the order of the calls. */
  readonly waiting: Set<Admission>
}

/** Bytes handed over in one turn of the event loop, so that the socket gets its turn too. */
const turnBytesMax = 1_048_576
/** What a record costs besides its bytes, so that empty ones count too. */
const recordCostBytes = 16
const waitingSweepMs = 1000

/**
 * Sends records. Made by `client.producer`; close it when done: closing sends what is left.
 *
 * A record's partition follows from its key (Kafka's murmur2), or it goes with others of its time.
 * Up to five runs of batches per partition are in flight, and retries neither duplicate nor reorder
 * records (`idempotent`; without it one run is in flight, and retries may duplicate). Errors carry `code`:
 * `UNKNOWN_TOPIC_OR_PARTITION`, `MESSAGE_TOO_LARGE`, `NOT_ENOUGH_REPLICAS`, `TIMED_OUT`, …; their
 * `outcome` says whether the record may have been written. Semantics: Kafka's producer, KIP-480.
 *
 * @example
 * await using producer = client.producer({ acks: 'all' })
 * const { partition, offset } = await producer.send(orders, { key: 'k', value: order })
 */
export class Producer {
  readonly #cluster: ClusterView
  readonly #options: Required<ProducerOptions>
  readonly #lifecycle: Lifecycle
  readonly #sender: ProduceSender
  readonly #lines = new Map<string, TopicLine>()
  #waitingCount = 0
  #turnBytes = 0
  #isTurnDue = false
  #firstLine = 0
  #closing: Promise<void> | undefined

  constructor(cluster: ClusterView, options: Required<ProducerOptions>) {
    this.#cluster = cluster
    this.#options = options
    this.#lifecycle = new Lifecycle(cluster.ports.telemetry)
    this.#sender = new ProduceSender(cluster, options, this.#lifecycle)
    this.#lifecycle.spawn('follow-metadata', async (signal) => this.#followMetadata(signal))
    this.#lifecycle.spawn('admit', async (signal) => this.#admitAsRoomComes(signal))
  }

  /** True once `close` was called. */
  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** Bytes of memory in use for records that are not yet acknowledged. */
  get bufferedBytes(): number {
    return this.#sender.accumulator.usedBytes
  }

  /**
   * Sends one record; resolves with its place when it is acknowledged. Calls of one turn of the
   * event loop share batches, so many sends may be under way at once.
   *
   * @throws SluiceError as the class says; after `signal` aborts or `timeoutMs` (default
   * `deliveryTimeoutMs`) the record may still be written.
   */
  // eslint-disable-next-line @typescript-eslint/promise-function-async -- one promise a record: async would add a second
  send<K = Uint8Array, V = Uint8Array | undefined>(
    topic: TopicHandle<K, V> | string,
    record: ProducerRecord<K, V>,
    options?: CallOptions,
  ): Promise<SendResult> {
    const sent = new Promise<SendResult>((resolve, reject) => {
      this.#enter(topic, record, { resolve, reject })
    })
    if (options?.signal === undefined && options?.timeoutMs === undefined) return sent
    const { clock } = this.#cluster.ports
    const deadline = deadlineOf(clock, options, this.#options.deliveryTimeoutMs)
    return before(sent, deadline, { clock, what: 'the send', outcome: 'unknown' })
  }

  /**
   * Hands over many records with one promise, which pends while `bufferBytesMax` is in use and
   * resolves when all are accepted. They are acknowledged later: `flush` waits for that. If any
   * of them fails in the end, the next `sendMany`, `flush` or `close` rejects with the first failure.
   *
   * @example
   * for (const chunk of chunks) await producer.sendMany(orders, chunk)
   * await producer.flush()
   */
  async sendMany<K = Uint8Array, V = Uint8Array | undefined>(
    topic: TopicHandle<K, V> | string,
    records: Iterable<ProducerRecord<K, V>>,
    options: CallOptions = {},
  ): Promise<void> {
    const loss = this.#sender.takeLoss()
    if (loss !== undefined) throw loss
    this.#checkOpen()
    const { clock } = this.#cluster.ports
    const handle = handleOf<K, V>(topic)
    const line = this.#line(handle.name)
    const proceed = this.#putter(handle, records[Symbol.iterator]())
    if (line.queues !== undefined && line.waiting.size === 0 && proceed(line.queues) === 'done') {
      return
    }
    let admission: Admission | undefined
    const waiting = new Promise<void>((resolve, reject) => {
      admission = { proceed, done: resolve, fail: reject, movedAtMs: clock.nowMs() }
      this.#wait(line, admission)
    })
    try {
      const deadline = deadlineOf(clock, options, Infinity)
      await before(waiting, deadline, { clock, what: 'sendMany', outcome: 'unknown' })
    } finally {
      if (admission !== undefined) this.#leave(line, admission)
    }
  }

  /**
   * Waits until everything handed over before is acknowledged, and holds nothing back meanwhile.
   * Rejects with the first failure of records given to `sendMany`, and with `TIMED_OUT` after
   * `timeoutMs` (default: when every record has its fate, `deliveryTimeoutMs` and a request later).
   */
  async flush(options: CallOptions = {}): Promise<void> {
    const { clock } = this.#cluster.ports
    // Every record has its fate by then.
    const limitMs = this.#options.deliveryTimeoutMs + this.#options.requestTimeoutMs
    const deadline = deadlineOf(clock, options, limitMs)
    const lines = [...this.#lines.values()].map((line) => ({ line, waiting: [...line.waiting] }))
    let handedOverAtMs: number | undefined
    const isOver = (): boolean => {
      const isWaiting = lines.some(({ line, waiting }) =>
        waiting.some((call) => line.waiting.has(call)),
      )
      if (isWaiting) return false
      handedOverAtMs ??= clock.nowMs()
      return !this.#sender.accumulator.hasUnsettledUntil(handedOverAtMs)
    }
    this.#sender.press()
    try {
      while (!isOver()) {
        await before(this.#sender.progressed.wait(), deadline, {
          clock,
          what: 'the flush',
          outcome: 'unknown',
        })
      }
    } finally {
      this.#sender.unpress()
    }
    const loss = this.#sender.takeLoss()
    if (loss !== undefined) throw loss
  }

  /**
   * Sends what is left, then ends; later calls fail with `CLOSED`. After `timeoutMs` (default as in
   * `flush`) or at the abort of `signal`, what is not acknowledged fails with `CLOSED`.
   * A second call waits for the first. Rejects as `flush` does.
   */
  async close(options: CallOptions = {}): Promise<void> {
    if (this.#closing !== undefined) {
      await this.#closing.catch(() => undefined) // its failure was the first call's to report
      return
    }
    this.#closing = this.#close(options)
    await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(options: CallOptions): Promise<void> {
    let failure: unknown
    try {
      await this.flush(options)
    } catch (cause) {
      failure = cause
    }
    const error = new SluiceError('CLOSED', 'the producer was closed before it took the record')
    for (const line of this.#lines.values()) {
      this.#failLine(line, error)
      this.#cluster.release(line.name)
    }
    this.#sender.stop()
    await this.#lifecycle.close()
    if (failure !== undefined) throw sluiceErrorOf(failure, 'closing the producer')
  }

  #enter<K, V>(
    topic: TopicHandle<K, V> | string,
    record: ProducerRecord<K, V>,
    delivery: Delivery,
  ): void {
    this.#checkOpen()
    const handle = handleOf<K, V>(topic)
    const input = encodeRecord(handle, record, this.#cluster.ports.clock.wallMs())
    const line = this.#line(handle.name)
    if (line.queues !== undefined && line.waiting.size === 0) {
      if (this.#append(line.queues, input, record.partition, delivery)) return
    }
    const proceed = (queues: TopicQueues<Delivery>): Progress =>
      this.#append(queues, input, record.partition, delivery) ? 'done' : 'no-memory'
    const movedAtMs = this.#cluster.ports.clock.nowMs()
    this.#wait(line, { proceed, done: () => undefined, fail: delivery.reject, movedAtMs })
  }

  /** False when there is no memory; a record that makes no sense rejects here and counts as handed over. */
  #append(
    queues: TopicQueues<Delivery>,
    input: RecordInput,
    explicit: number | undefined,
    delivery: Delivery | undefined,
  ): boolean {
    let partition: number | undefined
    try {
      partition = partitionFor(input.key, explicit, queues.name, queues.partitionCount)
    } catch (cause) {
      if (delivery === undefined) throw cause
      delivery.reject(sluiceErrorOf(cause, 'the send'))
      return true
    }
    const { accumulator } = this.#sender
    const { nowMs } = this.#cluster.ports.clock
    const how = accumulator.append({ topic: queues, partition }, input, nowMs, delivery)
    if (how === 'opened') this.#sender.pumpSoon()
    return how !== 'full'
  }

  /** What hands over a call's records, bit by bit. */
  #putter<K, V>(
    topic: TopicHandle<K, V>,
    records: Iterator<ProducerRecord<K, V>>,
  ): Admission['proceed'] {
    const { clock } = this.#cluster.ports
    let held: RecordInput | undefined
    let partition: number | undefined
    return (queues) => {
      const wallMs = clock.wallMs()
      while (this.#turnBytes < turnBytesMax) {
        if (held === undefined) {
          const next = records.next()
          if (next.done === true) return 'done'
          held = encodeRecord(topic, next.value, wallMs)
          partition = next.value.partition
        }
        if (!this.#append(queues, held, partition, undefined)) return 'no-memory'
        this.#turnBytes += (held.key?.length ?? 0) + (held.value?.length ?? 0) + recordCostBytes
        held = undefined
      }
      return 'turn-over'
    }
  }

  #wait(line: TopicLine, admission: Admission): void {
    if (this.#waitingCount >= this.#options.waitingCountMax) {
      throw new SluiceError('BUFFER_FULL', `${this.#waitingCount} calls wait for memory already`)
    }
    line.waiting.add(admission)
    this.#waitingCount += 1
    this.#admitSoon()
  }

  #leave(line: TopicLine, admission: Admission): void {
    if (!line.waiting.delete(admission)) return
    this.#waitingCount -= 1
    this.#sender.progressed.ring() // a flush may wait for it
  }

  /** In the next turn of the event loop, calls that wait go on. */
  #admitSoon(): void {
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    this.#cluster.ports.clock.after(0, () => {
      this.#isTurnDue = false
      this.#turnBytes = 0
      this.#admit()
    })
  }

  /** Lets the calls at the head of each line hand over what they can. */
  #admit(): void {
    const nowMs = this.#cluster.ports.clock.nowMs()
    // The line that begins changes, or one topic would get all the memory that comes free.
    const lines = [...this.#lines.values()]
    this.#firstLine += 1
    for (let index = 0; index < lines.length; index++) {
      const line = lines[(this.#firstLine + index) % lines.length]
      if (line !== undefined) this.#admitLine(line, nowMs)
    }
    this.#sender.pump()
  }

  #admitLine(line: TopicLine, nowMs: number): void {
    for (const admission of line.waiting) {
      if (line.queues === undefined) return
      const bytesBefore = this.#turnBytes
      const progress = this.#proceed(line, admission, line.queues)
      if (this.#turnBytes !== bytesBefore) admission.movedAtMs = nowMs
      if (progress === 'turn-over') this.#admitSoon()
      if (progress !== 'done') return
    }
  }

  #proceed(line: TopicLine, admission: Admission, queues: TopicQueues<Delivery>): Progress {
    try {
      const progress = admission.proceed(queues)
      if (progress !== 'done') return progress
      admission.done()
    } catch (cause) {
      admission.fail(sluiceErrorOf(cause, `sending to ${line.name}`))
    }
    this.#leave(line, admission)
    return 'done'
  }

  async #admitAsRoomComes(signal: AbortSignal): Promise<void> {
    const { clock } = this.#cluster.ports
    const { progressed } = this.#sender
    while (!signal.aborted) {
      const timeout = { clock, ms: waitingSweepMs }
      await progressed.wait(this.#waitingCount > 0 ? { signal, timeout } : { signal })
      if (this.#waitingCount === 0) continue
      this.#failLate()
      this.#admit()
    }
  }

  /** Calls that got no memory for as long as a record may take in all. */
  #failLate(): void {
    const limitMs = this.#options.deliveryTimeoutMs
    const lateMs = this.#cluster.ports.clock.nowMs() - limitMs
    for (const line of this.#lines.values()) {
      for (const admission of line.waiting) {
        if (admission.movedAtMs > lateMs) break
        this.#leave(line, admission)
        admission.fail(new SluiceError('TIMED_OUT', `no memory for records within ${limitMs} ms`))
      }
    }
  }

  #line(name: string): TopicLine {
    let line = this.#lines.get(name)
    if (line === undefined) {
      line = { name, queues: undefined, isResolving: false, waiting: new Set() }
      this.#lines.set(name, line)
      this.#cluster.use(name)
    }
    if (line.queues === undefined && !line.isResolving) this.#startResolving(line)
    return line
  }

  #startResolving(line: TopicLine): void {
    line.isResolving = true
    this.#lifecycle.spawn('resolve-topic', async (signal) => {
      try {
        await this.#resolve(line, signal)
      } catch (cause) {
        this.#failLine(line, sluiceErrorOf(cause, `looking for topic ${line.name}`))
        this.#lines.delete(line.name)
        this.#cluster.release(line.name)
      } finally {
        line.isResolving = false
      }
      this.#admit()
    })
  }

  async #resolve(line: TopicLine, signal: AbortSignal): Promise<void> {
    const { clock } = this.#cluster.ports
    const deadline = { atMs: clock.nowMs() + this.#options.deliveryTimeoutMs, signal }
    await awaitTopic(this.#cluster, line.name, deadline)
    this.#sender.takeMetadata(line.name)
    line.queues = this.#sender.accumulator.topic(line.name)
  }

  async #followMetadata(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#cluster.learned.wait({ signal })
      for (const line of this.#lines.values()) {
        if (line.queues !== undefined) this.#sender.takeMetadata(line.name)
      }
      this.#sender.pump()
    }
  }

  #failLine(line: TopicLine, error: SluiceError): void {
    for (const admission of line.waiting) {
      this.#leave(line, admission)
      admission.fail(error)
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined || this.#cluster.isClosed) {
      throw new SluiceError('CLOSED', 'the producer is closed')
    }
  }
}
