/**
 * Subscribe: reads partitions at their leaders and sends single records. One reader a partition; a
 * reader waits while the caller does not keep up, so that a slow caller holds one batch a partition.
 */
import { type Outcome, type Refusal, refuse } from '../../../core/api/error-code.ts'
import type { Isolation, PartitionFetched } from '../../../core/api/fetch.ts'
import type { OffsetQuestion } from '../../../core/api/list-offsets.ts'
import type { RequestContext } from '../../../core/api/request-context.ts'
import { RecordCursor } from '../../../core/record/batch-reader.ts'
import {
  batchBytes,
  batchHeaderBytes,
  compression,
  isControl,
  nextOffset,
  verifyBatch,
} from '../../../core/record/batch-header.ts'
import { concatBytes, MalformedBytesError } from '../../../base/bytes.ts'
import { offset, type Offset, partitionIndex } from '../../../base/id.ts'
import type { Clock } from '../../../engine/ports/clock.ts'
import type { Compressor } from '../../../engine/ports/compressor.ts'
import type { SubscribeRequest__Output } from '../gen/sluice/v1/SubscribeRequest.ts'
import type { SubscribedRecord } from '../gen/sluice/v1/SubscribedRecord.ts'
import type { Leaders, Place } from './leaders.ts'
import { recordOut } from './plain-records.ts'

const fetchBytesMax = 256 * 1024
const fetchWaitMs = 500
/** How long a partition may be without a leader before the subscription ends. */
const patienceMs = 30_000
const inflatedBytesMax = 32 * 1024 * 1024

/** Where records go. */
export interface Sink {
  /** Sends a record; resolves when the caller keeps up. */
  readonly send: (record: SubscribedRecord) => Promise<void>
  readonly signal: AbortSignal
}

/** What a subscription needs. */
export interface SubscribeOptions {
  readonly leaders: Leaders
  readonly compressor: Compressor
  readonly clock: Clock
  /** A context whose deadline is `patienceMs` away or that given. */
  readonly contextOf: (timeoutMs: number) => RequestContext
}

/** Sends records until the bound is reached (undefined), somebody refuses, or the sink's signal aborts. */
export async function subscribe(
  options: SubscribeOptions,
  request: SubscribeRequest__Output,
  sink: Sink,
): Promise<Refusal | undefined> {
  const found = await options.leaders.topic(request.topic, options.contextOf(patienceMs))
  if (!found.ok) return found
  const topic = found.value
  const all = Array.from({ length: topic.partitionCount }, (_, index) => index)
  const wanted = request.partitions.length === 0 ? all : [...new Set(request.partitions)]
  const wrong = wanted.find((index) => !all.includes(index))
  if (wrong !== undefined) {
    const sentence = `The topic ${topic.name} has partitions 0 to ${topic.partitionCount - 1}, no ${wrong}.`
    return refuse('UNKNOWN_TOPIC_OR_PARTITION', sentence)
  }
  const end = new AbortController()
  const signal = AbortSignal.any([sink.signal, end.signal])
  const count = { left: request.recordCountMax === 0 ? Infinity : request.recordCountMax }
  const readers = wanted.map(async (index) => {
    const place = { topic, partition: partitionIndex(index) }
    const reader = new PartitionReader({ ...options, request, place, sink, signal, count })
    try {
      const refusal = await reader.run()
      if (refusal !== undefined || count.left === 0) end.abort()
      return refusal
    } catch (cause) {
      end.abort()
      throw cause
    }
  })
  const refusals = await Promise.all(readers)
  return refusals.find((refusal) => refusal !== undefined)
}

interface ReaderOptions extends SubscribeOptions {
  readonly request: SubscribeRequest__Output
  readonly place: Place
  readonly sink: Sink
  readonly signal: AbortSignal
  readonly count: { left: number }
}

class PartitionReader {
  readonly #options: ReaderOptions
  readonly #cursor = new RecordCursor()
  #position: Offset = offset(0)

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  async run(): Promise<Refusal | undefined> {
    const { request } = this.#options
    const start = await this.#start()
    if (!start.ok) return start
    this.#position = start.value
    const end = request.untilEnd ? await this.#offsetOf({ type: 'latest' }) : undefined
    if (end?.ok === false) return end
    const endOffset = end?.value ?? Infinity
    while (this.#position < endOffset && !this.#isOver()) {
      const fetched = await this.#fetch()
      if (this.#isOver()) break
      if (!fetched.ok) return fetched
      if (fetched.value !== undefined) await this.#sendAll(fetched.value.records, endOffset)
    }
    return undefined
  }

  #isOver(): boolean {
    return this.#options.count.left === 0 || this.#options.signal.aborted
  }

  async #start(): Promise<Outcome<Offset>> {
    const { fromOffset, fromTimeMs, from } = this.#options.request
    if (fromOffset !== undefined) {
      if (Number.isSafeInteger(fromOffset) && fromOffset >= 0) {
        return { ok: true, value: offset(fromOffset) }
      }
      return refuse('INVALID_REQUEST', `${fromOffset} is no offset.`)
    }
    if (fromTimeMs !== undefined) {
      return this.#offsetOf({ type: 'at-time', timestampMs: fromTimeMs })
    }
    if (from === 'OFFSET_POSITION_MAX_TIMESTAMP') return this.#offsetOf({ type: 'max-timestamp' })
    return this.#offsetOf({ type: from === 'OFFSET_POSITION_EARLIEST' ? 'earliest' : 'latest' })
  }

  async #offsetOf(question: OffsetQuestion): Promise<Outcome<Offset>> {
    const { leaders, place, contextOf } = this.#options
    const entry = { topicId: place.topic.id, partition: place.partition, question }
    const call = { api: 'list-offsets', request: { partitions: [entry] } } as const
    const outcome = await leaders.ask(place, call, contextOf(patienceMs))
    if (!outcome.ok) return outcome
    const answer = outcome.value.partitions[0]
    return { ok: true, value: answer?.offset ?? answer?.highWatermark ?? offset(0) }
  }

  async #fetch(): Promise<Outcome<PartitionFetched | undefined>> {
    const { leaders, place, request, contextOf } = this.#options
    const isolation: Isolation =
      request.isolation === 'ISOLATION_UNCOMMITTED' ? 'uncommitted' : 'committed'
    const fetchOffset = this.#position
    const { topic, partition } = place
    const partitions = [{ topicId: topic.id, partition, fetchOffset, bytesMax: fetchBytesMax }]
    const wanted = {
      waitMsMax: fetchWaitMs,
      bytesMin: 1,
      bytesMax: fetchBytesMax,
      isolation,
      partitions,
    }
    const outcome = await leaders.ask(
      place,
      { api: 'fetch', request: wanted },
      contextOf(patienceMs),
    )
    return outcome.ok ? { ok: true, value: outcome.value.partitions[0] } : outcome
  }

  async #sendAll(slices: readonly Uint8Array[], endOffset: number): Promise<void> {
    const bytes = concatBytes(slices)
    for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
      const wrong = verifyBatch(bytes, at)
      if (wrong !== undefined) throw new MalformedBytesError(`a batch of the leader: ${wrong}`)
      const next = nextOffset(bytes, at)
      if (next > this.#position) await this.#sendBatch(bytes, at, endOffset)
      if (this.#isOver()) return
      if (next > this.#position) this.#position = next
    }
  }

  async #sendBatch(bytes: Uint8Array, at: number, endOffset: number): Promise<void> {
    if (isControl(bytes, at)) return
    const { request, sink, place, count } = this.#options
    const cursor = await this.#open(bytes, at)
    while (!this.#isOver() && cursor.next()) {
      const isWanted = cursor.offset >= this.#position && cursor.offset < endOffset
      if (!isWanted) continue
      count.left -= 1
      const record = recordOut(cursor.view(), request.asText)
      await sink.send({ partition: place.partition, offset: cursor.offset, record })
    }
  }

  async #open(bytes: Uint8Array, at: number): Promise<RecordCursor> {
    const codec = compression(bytes, at)
    if (codec === 'none') return this.#cursor.open(bytes, at)
    const packed = bytes.subarray(at + batchHeaderBytes, at + batchBytes(bytes, at))
    const plain = await this.#options.compressor.decompress(codec, packed, inflatedBytesMax)
    return this.#cursor.openInflated(bytes, at, plain)
  }
}
