/**
 * Performs a consumer's fetches: finds out where to start, keeps long polls open to the leaders,
 * fills the readers, and deals with what brokers refuse. Never hands anything over itself.
 *
 * Invariants: a reader is in at most one request; an answer is taken only if its reader was not
 * sought elsewhere meanwhile; a refusal that will not pass by itself ends up in `failure`.
 */
import { offset, type NodeId, type Offset } from '../../base/id.ts'
import { concatBytes } from '../../base/bytes.ts'
import { isRetriable, type ErrorCode, type Outcome } from '../../core/api/error-code.ts'
import { type FetchResponse, type Isolation, type PartitionFetched } from '../../core/api/fetch.ts'
import { type OffsetQuestion } from '../../core/api/list-offsets.ts'
import {
  planFetches,
  type FetchGroup,
  type FetchInFlight,
} from '../../core/client/fetch-planner.ts'
import { type PartitionReader } from '../../core/client/partition-reader.ts'
import { retryPauseMs, wantsMetadata } from '../../core/client/retry-policy.ts'
import { TransportFault } from '../ports/fault.ts'
import { Bell } from '../runtime/bell.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { type ClusterView } from './cluster-view.ts'
import { SluiceError } from './errors.ts'
import { askOffsets, type FoundOffset } from './list-offsets.ts'

/** How a fetcher works. */
export interface FetcherOptions {
  readonly isolation: Isolation
  readonly fetchBytesMax: number
  readonly bufferBytesMax: number
  readonly fetchWaitMsMax: number
  readonly requestTimeoutMs: number
  /** Records before the log's start are gone: go on at its start, or fail. */
  readonly outOfRange: 'earliest' | 'latest' | 'fail'
}

/** Where a reader starts: an offset, or a question for its leader. */
export type StartQuestion = OffsetQuestion | { readonly type: 'offset'; readonly offset: Offset }

/** A fetch that is in flight. */
interface Request extends FetchInFlight {
  readonly readers: readonly PartitionReader[]
  readonly abort: AbortController
  /** When its leader becomes suspect: is it still the leader? */
  suspectAtMs: number
}

/** How much longer than it may park a fetch a leader may take before it is suspect, and from then on, in ms. */
const suspectAfterMs = 1500
/** Wrong batches in a row after which a partition fails: the first may be a fault of the way. */
const corruptTriesMax = 3
/** Answers in a row that say an offset is beyond the log's end, before it is believed. */
const beyondEndTriesMax = 8
/** How long a topic may be unknown: it may have been created a moment ago. */
const missingTopicMs = 3000

/** Fetches for one consumer. */
export class Fetcher {
  /** Rung when there is something new to hand over, or a failure. */
  readonly arrived = new Bell()
  readonly #cluster: ClusterView
  readonly #options: FetcherOptions
  readonly #lifecycle: Lifecycle
  readonly #changed = new Bell()
  readonly #readers = new Set<PartitionReader>()
  /** Readers whose start is not known yet. */
  readonly #starting = new Map<PartitionReader, OffsetQuestion>()
  readonly #inFlight = new Set<Request>()
  #failure: SluiceError | undefined

  constructor(cluster: ClusterView, options: FetcherOptions) {
    this.#cluster = cluster
    this.#options = options
    this.#lifecycle = new Lifecycle(cluster.ports.telemetry)
    this.#lifecycle.spawn('fetch', async (signal) => this.#run(signal))
  }

  /** Starts to read a partition. */
  add(reader: PartitionReader, start: StartQuestion): void {
    this.#readers.add(reader)
    this.start(reader, start)
  }

  /** Reads a partition no more. */
  remove(reader: PartitionReader): void {
    this.#readers.delete(reader)
    this.#starting.delete(reader)
    reader.generation += 1
  }

  /** Goes on elsewhere; answers under way are dropped. */
  start(reader: PartitionReader, start: StartQuestion): void {
    if (start.type === 'offset') {
      this.#starting.delete(reader)
      reader.seek(start.offset)
    } else {
      reader.seek(undefined)
      this.#starting.set(reader, start)
    }
    this.#changed.ring()
  }

  /** Something was handed over, paused or resumed: there may be room to fetch. */
  reconsider(): void {
    this.#changed.ring()
  }

  /** What stopped a partition, once; undefined when nothing did. */
  takeFailure(): SluiceError | undefined {
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }

  /** Ends every fetch. A second call waits as well. */
  async close(): Promise<void> {
    for (const { abort } of this.#inFlight) abort.abort()
    await this.#lifecycle.close()
    this.arrived.ring()
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#cluster.ports
    this.#lifecycle.spawn('follow-metadata', async () => this.#followMetadata(signal))
    while (!signal.aborted) {
      const nowMs = clock.nowMs()
      const wakeAtMs = Math.min(this.#suspect(nowMs), this.#startReaders(nowMs), this.#fetch(nowMs))
      const timeout = { clock, ms: Math.max(1, wakeAtMs - nowMs) }
      await this.#changed.wait(Number.isFinite(wakeAtMs) ? { signal, timeout } : { signal })
    }
  }

  async #followMetadata(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#cluster.learned.wait({ signal })
      this.#changed.ring()
    }
  }

  #fetch(nowMs: number): number {
    const plan = planFetches({
      readers: this.#readers,
      leaderOf: (reader) => this.#leaderOf(reader),
      inFlight: this.#inFlight,
      bounds: this.#options,
      nowMs,
    })
    for (const { broker, isHot, abort } of this.#inFlight) {
      if (!isHot && plan.cancels.includes(broker)) abort.abort()
    }
    for (const group of plan.groups) {
      for (const reader of group.readers) reader.isInFlight = true
      this.#lifecycle.spawn('fetch-group', async () => this.#fetchGroup(group))
    }
    return plan.wakeAtMs
  }

  /** Ends requests to leaders that are silent and lead no more; when to look again. */
  #suspect(nowMs: number): number {
    let wakeAtMs = Infinity
    for (const request of this.#inFlight) {
      if (request.suspectAtMs <= nowMs) {
        request.suspectAtMs = nowMs + suspectAfterMs
        this.#cluster.refreshSoon()
        if (request.readers.some((reader) => this.#hasMoved(reader, request.broker))) {
          request.abort.abort()
        }
      }
      wakeAtMs = Math.min(wakeAtMs, request.suspectAtMs)
    }
    return wakeAtMs
  }

  #hasMoved(reader: PartitionReader, from: NodeId): boolean {
    const leader = this.#cluster.cache.leaderOf(reader.topic, reader.partition)?.leader
    return leader !== undefined && leader !== from
  }

  #leaderOf(reader: PartitionReader): NodeId | undefined {
    const found = this.#cluster.cache.leaderOf(reader.topic, reader.partition)
    if (found !== undefined && reader.topicId !== undefined && found.topicId !== reader.topicId) {
      // Deleted and created anew: the old offsets mean nothing in the new log.
      this.#cluster.ports.telemetry.log('warn', 'topic-was-recreated', { topic: reader.topic })
      reader.topicId = found.topicId
      this.start(reader, { type: 'earliest' })
      return undefined
    }
    if (found !== undefined) reader.topicId = found.topicId
    if (found?.leader !== undefined) return found.leader
    const why = this.#cluster.cache.topic(reader.topic)?.error
    this.#refused(reader, why ?? { code: 'LEADER_NOT_AVAILABLE', message: 'it has no leader now' })
    return undefined
  }

  async #fetchGroup(group: FetchGroup): Promise<void> {
    const { broker, isHot, readers } = group
    const generations = readers.map((reader) => reader.generation)
    const patienceMs = this.#options.fetchWaitMsMax + suspectAfterMs
    const suspectAtMs = this.#cluster.ports.clock.nowMs() + patienceMs
    const request = { broker, isHot, readers, abort: new AbortController(), suspectAtMs }
    this.#inFlight.add(request)
    if (this.#lifecycle.isClosing) request.abort.abort()
    try {
      const outcome = await this.#request(group, request.abort.signal)
      const current = readers.filter((reader, index) => reader.generation === generations[index])
      this.#hear(current, outcome)
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      if (cause.code !== 'cancelled' && !this.#lifecycle.isClosing) {
        const why = { code: 'BROKER_NOT_AVAILABLE', message: cause.message } as const
        for (const reader of readers) this.#refused(reader, why)
      }
    } finally {
      for (const reader of readers) reader.isInFlight = false
      this.#inFlight.delete(request)
      this.#changed.ring()
    }
  }

  async #request(group: FetchGroup, signal: AbortSignal): Promise<Outcome<FetchResponse>> {
    const { fetchBytesMax, fetchWaitMsMax, isolation, requestTimeoutMs } = this.#options
    const partitions = group.readers.flatMap(({ topic, partition, fetchOffset, isSuspect }) => {
      const leader = this.#cluster.cache.leaderOf(topic, partition)
      if (leader === undefined || fetchOffset === undefined) return []
      const { topicId, leaderEpoch } = leader
      const where = { topicId, partition, fetchOffset, leaderEpoch, bytesMax: fetchBytesMax }
      return [isSuspect ? { ...where, isSuspect } : where]
    })
    if (partitions.length === 0) throw new TransportFault('cancelled', 'nothing to fetch any more')
    return this.#cluster.request(
      group.broker,
      'fetch',
      { waitMsMax: fetchWaitMsMax, bytesMin: 1, bytesMax: fetchBytesMax, isolation, partitions },
      { timeoutMs: fetchWaitMsMax + requestTimeoutMs, signal },
    )
  }

  #hear(readers: readonly PartitionReader[], outcome: Outcome<FetchResponse>): void {
    if (!outcome.ok) {
      for (const reader of readers) this.#refused(reader, outcome)
      return
    }
    for (const reader of readers) {
      const answer = outcome.value.partitions.find(
        ({ topicId, partition }) => topicId === reader.topicId && partition === reader.partition,
      )
      if (answer === undefined) reader.isBehind = false
      else if (answer.error !== undefined) this.#refused(reader, answer.error)
      else this.#take(reader, answer)
    }
    this.arrived.ring()
  }

  #take(reader: PartitionReader, answer: PartitionFetched): void {
    const { records, highWatermark, lastStableOffset } = answer
    const [first] = records
    const run = records.length === 1 && first !== undefined ? first : concatBytes(records)
    const wrong = reader.take(run)
    reader.highWatermark = highWatermark
    reader.isSuspect = wrong !== undefined
    if (wrong !== undefined) {
      this.#refused(reader, {
        code: 'CORRUPT_MESSAGE',
        message: `a fetched batch is wrong: ${wrong}`,
      })
      return
    }
    const end = this.#options.isolation === 'committed' ? lastStableOffset : highWatermark
    reader.isBehind = (reader.fetchOffset ?? end) < end
    reader.failureCount = 0
  }

  /** Tries again after a pause what may pass by itself; the rest is a failure that the user sees. */
  #refused(
    reader: PartitionReader,
    why: { readonly code: ErrorCode; readonly message: string },
  ): void {
    const { clock, entropy } = this.#cluster.ports
    const nowMs = clock.nowMs()
    if (reader.failureCount === 0) reader.failingSinceMs = nowMs
    reader.retryAtMs = nowMs + retryPauseMs(reader.failureCount, entropy.random())
    reader.failureCount += 1
    if (wantsMetadata(why.code)) this.#cluster.refreshSoon()
    if (why.code === 'OFFSET_OUT_OF_RANGE') {
      this.#lifecycle.spawn('out-of-range', async (signal) => this.#outOfRange(reader, signal))
      return
    }
    const isMissing = why.code === 'UNKNOWN_TOPIC_OR_PARTITION'
    const passes = isMissing
      ? nowMs - reader.failingSinceMs < missingTopicMs
      : isRetriable(why.code) ||
        (why.code === 'CORRUPT_MESSAGE' && reader.failureCount < corruptTriesMax)
    if (!passes) this.#fail(reader, why.code, why.message)
  }

  #fail(reader: PartitionReader, code: ErrorCode, message: string): void {
    const place = `${reader.topic}-${reader.partition}`
    this.#failure ??= new SluiceError(code, `reading ${place}: ${message}`)
    this.arrived.ring()
  }

  /** The offset is outside the log as its leader knows it: gone by retention, or not there yet. */
  async #outOfRange(reader: PartitionReader, signal: AbortSignal): Promise<void> {
    const { topic, partition, generation, fetchOffset } = reader
    const [start, end] = await askOffsets(
      this.#cluster,
      [
        { topic, partition, question: { type: 'earliest' } },
        { topic, partition, question: { type: 'latest' } },
      ],
      { timeoutMs: this.#options.requestTimeoutMs, signal },
    )
    if (reader.generation !== generation || fetchOffset === undefined) return
    if (start?.ok !== true || end?.ok !== true) return
    const startOffset = start.value.offset ?? offset(0)
    const endOffset = end.value.offset ?? startOffset
    const isGone = fetchOffset < startOffset
    // A new leader may learn a moment late how far the log is committed.
    if (!isGone && (fetchOffset <= endOffset || reader.failureCount < beyondEndTriesMax)) return
    const { outOfRange } = this.#options
    if (outOfRange === 'fail' || (!isGone && outOfRange === 'earliest')) {
      const message = `offset ${fetchOffset} is outside the log, which goes from ${startOffset} to ${endOffset}`
      this.#fail(reader, 'OFFSET_OUT_OF_RANGE', message)
      return
    }
    const to = outOfRange === 'earliest' ? startOffset : endOffset
    this.#cluster.ports.telemetry.log('warn', 'offset-out-of-range', {
      topic,
      partition,
      from: fetchOffset,
      to,
    })
    this.start(reader, { type: 'offset', offset: to })
  }

  /** Asks the leaders where readers begin; the time at which a failed one is tried again. */
  #startReaders(nowMs: number): number {
    const due: PartitionReader[] = []
    let wakeAtMs = Infinity
    for (const reader of this.#starting.keys()) {
      if (reader.isInFlight) continue
      if (reader.retryAtMs > nowMs) wakeAtMs = Math.min(wakeAtMs, reader.retryAtMs)
      else if (this.#leaderOf(reader) !== undefined) due.push(reader)
      else wakeAtMs = Math.min(wakeAtMs, reader.retryAtMs)
    }
    if (due.length > 0) {
      for (const reader of due) reader.isInFlight = true
      this.#lifecycle.spawn('find-start', async (signal) => this.#findStarts(due, signal))
    }
    return wakeAtMs
  }

  async #findStarts(readers: readonly PartitionReader[], signal: AbortSignal): Promise<void> {
    const asked = readers.map((reader) => ({
      reader,
      generation: reader.generation,
      question: this.#starting.get(reader) ?? ({ type: 'latest' } as const),
    }))
    try {
      const findings = await askOffsets(
        this.#cluster,
        asked.map(({ reader: { topic, partition }, question }) => ({ topic, partition, question })),
        { timeoutMs: this.#options.requestTimeoutMs, signal },
      )
      for (const [index, { reader, generation }] of asked.entries()) {
        if (reader.generation === generation) this.#found(reader, findings[index])
      }
    } finally {
      for (const reader of readers) reader.isInFlight = false
      this.#changed.ring()
    }
  }

  #found(reader: PartitionReader, finding: Outcome<FoundOffset> | undefined): void {
    if (finding === undefined) return
    if (!finding.ok) this.#refused(reader, finding)
    else if (finding.value.offset !== undefined) {
      reader.failureCount = 0
      this.start(reader, { type: 'offset', offset: finding.value.offset })
    } else this.#starting.set(reader, { type: 'latest' }) // no record is that late yet
  }
}
