/**
 * Clients of a simulated cluster: producers of unique values and consumers of everything, through
 * the SDK, with each thing they did and saw written down.
 */
import { Defect } from '../../base/assert.ts'
import { type Random } from '../../base/random.ts'
import { type ClusterClient } from '../../engine/client/client.ts'
import { type Consumer } from '../../engine/client/consumer.ts'
import { SluiceError } from '../../engine/client/errors.ts'
import { type Producer } from '../../engine/client/producer.ts'
import { sleep } from '../../engine/runtime/sleep.ts'
import { type Clock } from '../../engine/ports/clock.ts'
import { type HistoryEvent } from '../checker/history.ts'
import { KeyedValues, sentValueOf } from './keyed-values.ts'

/** A topic that the workload uses. */
export interface WorkTopic {
  readonly name: string
  readonly partitionCount: number
}

/** What every client of the workload shares. */
export interface WorkloadParts {
  readonly topics: readonly WorkTopic[]
  readonly clock: Clock
  /** Its topics are compacted: every record has a key. */
  readonly isCompacted: boolean
  readonly record: (event: HistoryEvent) => void
  readonly highWatermarkOf: (topic: string, partition: number) => number
}

const encoder = new TextEncoder()
const inFlightMax = 20
/** Rounds that are a rush. */
const rushShare = 0.1
const rushCount = 12
const rushPauseMs = 2
/** Producers that are not idempotent, among all. */
const plainShare = 0.15

/** Sends values until told to stop. */
export class ProducerWork {
  readonly #parts: WorkloadParts
  readonly #name: string
  readonly #producer: Producer
  readonly #isIdempotent: boolean
  readonly #random: Random
  readonly #keys: KeyedValues | undefined
  readonly #orders = new Map<string, number>()
  readonly #open = new Set<Promise<unknown>>()
  #count = 0
  #isStopped = false

  constructor(parts: WorkloadParts, name: string, client: ClusterClient, random: Random) {
    this.#parts = parts
    this.#name = name
    this.#random = random
    if (parts.isCompacted) this.#keys = new KeyedValues(random.fork('keys'))
    this.#isIdempotent = !random.chance(plainShare)
    this.#producer = client.producer({
      acks: 'all',
      deliveryTimeoutMs: 1000 + random.below(8000),
      requestTimeoutMs: 300 + random.below(2000),
      lingerMs: random.below(3) * 5,
      compression: random.chance(0.2) ? 'lz4' : 'none',
      idempotent: this.#isIdempotent,
    })
  }

  /** Sends bursts with pauses until `stop`. */
  async run(pauseMs: number): Promise<void> {
    while (!this.#isStopped) {
      if (this.#random.chance(rushShare)) await this.#rush()
      const burst = 1 + this.#random.below(4)
      for (let count = 0; count < burst && this.#open.size < inFlightMax; count++) this.#sendAny()
      await sleep(this.#parts.clock, pauseMs * 2 * this.#random.next())
    }
  }

  /** No more sends. */
  stop(): void {
    this.#isStopped = true
  }

  /** Resolves when every send has its outcome. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open)
  }

  /** Sends one value to each partition and waits: true when all were acknowledged. */
  async sendToAll(): Promise<boolean> {
    const sends: Promise<boolean>[] = []
    for (const { name, partitionCount } of this.#parts.topics)
      for (let partition = 0; partition < partitionCount; partition++)
        sends.push(this.#send(name, partition))
    return (await Promise.all(sends)).every((isOk) => isOk)
  }

  /** Ends the producer. */
  async close(): Promise<void> {
    await this.#producer.close({ timeoutMs: 1000 }).catch(expected)
  }

  /** Value after value to one partition, faster than answers come, so that many requests are in flight. */
  async #rush(): Promise<void> {
    const { topics, clock } = this.#parts
    const topic = topics[this.#random.below(topics.length)]
    if (topic === undefined) return
    const partition = this.#random.below(topic.partitionCount)
    for (let count = 0; count < rushCount && !this.#isStopped; count++) {
      if (this.#open.size < inFlightMax) this.#start(topic.name, partition)
      await sleep(clock, rushPauseMs * this.#random.next())
    }
  }

  #sendAny(): void {
    const { topics } = this.#parts
    const topic = topics[this.#random.below(topics.length)]
    if (topic !== undefined) this.#start(topic.name, this.#random.below(topic.partitionCount))
  }

  #start(topic: string, partition: number): void {
    const work: Promise<unknown> = this.#send(topic, partition).finally(() =>
      this.#open.delete(work),
    )
    this.#open.add(work)
  }

  /** True when it was acknowledged. */
  async #send(topic: string, partition: number): Promise<boolean> {
    const name = `${topic}-${partition}`
    const order = this.#orders.get(name) ?? 0
    this.#orders.set(name, order + 1)
    const value = `${this.#name}.${this.#count++}`
    const filler = ' '.repeat(this.#random.chance(0.1) ? this.#random.below(3000) : 0)
    const { record } = this.#parts
    const isIdempotent = this.#isIdempotent
    const keyed = this.#keys?.next()
    record({
      ...{ type: 'send-invoked', value, order, isIdempotent, ...(keyed && { keyed }) },
      ...{ producer: this.#name, partition: name },
    })
    try {
      const content = (keyed && this.#keys?.record(keyed, value)) ?? {
        value: encoder.encode(value + filler),
      }
      const sent = await this.#producer.send(topic, { ...content, partition })
      record({ type: 'send-ok', value, offset: sent.offset })
      return true
    } catch (cause) {
      if (!(cause instanceof SluiceError)) throw cause
      record({ type: cause.outcome === 'refused' ? 'send-fail' : 'send-info', value })
      return false
    }
  }
}

/** Reads every partition from the beginning on. */
export class ConsumerWork {
  readonly #parts: WorkloadParts
  readonly #name: string
  readonly #client: ClusterClient
  readonly #consumers: Consumer[] = []
  readonly #positions = new Map<string, number>()
  readonly #abort = new AbortController()

  constructor(parts: WorkloadParts, name: string, client: ClusterClient) {
    this.#parts = parts
    this.#name = name
    this.#client = client
  }

  /** Offset after the last record that it got of a partition. */
  position(partition: string): number {
    return this.#positions.get(partition) ?? 0
  }

  /** Reads one topic until `close`. */
  async run(topic: string): Promise<void> {
    const { signal } = this.#abort
    const consumer = this.#client.consumer({ from: 'beginning', requestTimeoutMs: 1000 })
    this.#consumers.push(consumer)
    while (!signal.aborted) {
      try {
        for await (const batch of consumer.batches(topic, { signal })) {
          const records = [...batch].map((record) => ({
            offset: record.offset,
            value: sentValueOf(record),
          }))
          this.#got(topic, batch.partition, records)
        }
      } catch (cause) {
        expected(cause)
        await sleep(this.#parts.clock, 50, signal)
      }
    }
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#abort.abort()
    await Promise.all(this.#consumers.map(async (consumer) => consumer.close()))
  }

  #got(
    topic: string,
    partition: number,
    records: readonly { readonly offset: number; readonly value: string }[],
  ): void {
    const name = `${topic}-${partition}`
    if (!this.#positions.has(name))
      this.#parts.record({ type: 'assigned', consumer: this.#name, partition: name, offset: 0 })
    this.#positions.set(name, (records.at(-1)?.offset ?? this.position(name) - 1) + 1)
    this.#parts.record({
      type: 'polled',
      consumer: this.#name,
      partition: name,
      records,
      highWatermark: this.#parts.highWatermarkOf(topic, partition),
    })
  }
}

/** Errors of the SDK are expected while the cluster is being broken; anything else is a defect. */
function expected(cause: unknown): void {
  if (!(cause instanceof SluiceError)) throw new Defect(`a client failed: ${String(cause)}`)
}
