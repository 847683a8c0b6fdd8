/**
 * Performs what the accumulator decides: sends frames to partition leaders, and settles or retries
 * their runs by the answers. Retries go on until a record's delivery time is over; a try without an
 * answer makes the outcome of its records unknown unless a later try succeeds.
 *
 *   pump ─▶ drain lanes ─▶ deliver (one request a frame) ─▶ settle | retry later ─▶ pump
 */
import { present } from '../../base/assert.ts'
import { concatBytes } from '../../base/bytes.ts'
import { type NodeId, type PartitionIndex } from '../../base/id.ts'
import { isRetriable, outcomeOf, type ErrorCode, type Outcome } from '../../core/api/error-code.ts'
import {
  type PartitionProduce,
  type PartitionProduced,
  type ProduceResponse,
} from '../../core/api/produce.ts'
import { Accumulator, type Frame } from '../../core/client/accumulator.ts'
import {
  producerOf,
  type PartitionQueue,
  type PendingBatch,
  type Run,
} from '../../core/client/partition-queue.ts'
import { retryPauseMs, wantsMetadata } from '../../core/client/retry-policy.ts'
import { batchHeaderBytes, writeBatchHeader } from '../../core/record/batch-header.ts'
import { type CompressionName } from '../../core/record/compression.ts'
import { type Timer } from '../ports/clock.ts'
import { TransportFault } from '../ports/fault.ts'
import { Bell } from '../runtime/bell.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type ClusterView } from './cluster-view.ts'
import { faultOutcome, SluiceError } from './errors.ts'
import { askProducerId } from './producer-id.ts'
import { type ProducerOptions, type SendResult } from './records.ts'

/** What a producer keeps per record whose sender waits for its fate. */
export interface Delivery {
  readonly resolve: (result: SendResult) => void
  readonly reject: (error: SluiceError) => void
}

/** Why a try failed. */
interface Failure {
  readonly code: ErrorCode | 'BROKER_UNREACHABLE' | 'CLOSED'
  readonly message: string
  readonly outcome: 'refused' | 'unknown'
  readonly isRetriable: boolean
  readonly isStale: boolean
}

/** For what is left when the producer ends. */
const closed: Failure = {
  code: 'CLOSED',
  message: 'the producer was closed before it was acknowledged',
  outcome: 'refused',
  isRetriable: false,
  isStale: false,
}

/** For records that may be there, or come late, behind one that is not. */
const gap: Failure = {
  code: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  message: 'a record before it was lost',
  outcome: 'unknown',
  isRetriable: false,
  isStale: false,
}

/** The broker lacks what came before, or does not know the producer any more. */
const sequenceCodes: ReadonlySet<Failure['code']> = new Set<Failure['code']>([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
  'UNKNOWN_PRODUCER_ID',
])

const frameBytesMax = 1_048_576
const framesInFlightMax = 5
const sweepMs = 500
const leaderlessPauseMs = 100
/** Longest pause while the leader is being looked for: each try asks for metadata, and a new leader is there in half a second. */
const stalePauseMsMax = 200
/** A frame this old makes its leader suspect: is it still the leader? */
const suspectAfterMs = 1500
/** How long a topic may be missing from the metadata before its records fail. */
const missingTopicMs = 5000

/** Sends the records of one producer. */
export class ProduceSender {
  readonly accumulator: Accumulator<Delivery>
  /** Rung when records were settled: memory may be free, a flush may be over. */
  readonly progressed = new Bell()
  readonly #cluster: ClusterView
  readonly #options: Required<ProducerOptions>
  readonly #lifecycle: Lifecycle
  readonly #frames = new Map<
    Frame<Delivery>,
    { readonly abort: AbortController; readonly sentAtMs: number }
  >()
  readonly #missingSinceMs = new Map<string, number>()
  readonly #lastFailure = new WeakMap<PartitionQueue<Delivery>, Failure>()
  #isStopped = false
  #pressCount = 0
  #isPumpDue = false
  #isAskingId = false
  readonly #packing = new Map<NodeId, Promise<readonly PartitionProduce[]>>()
  #timer: { readonly atMs: number; readonly timer: Timer } | undefined
  #sweptAtMs = 0
  #lostCount = 0
  #lostFirst: SluiceError | undefined

  constructor(cluster: ClusterView, options: Required<ProducerOptions>, lifecycle: Lifecycle) {
    this.#cluster = cluster
    this.#options = options
    this.#lifecycle = lifecycle
    this.accumulator = new Accumulator({
      batchBytesMax: options.batchBytesMax,
      bufferBytesMax: options.bufferBytesMax,
      lingerMs: options.lingerMs,
      frameBytesMax,
      framesInFlightMax,
      isIdempotent: options.idempotent,
    })
  }

  /** Holds nothing back until as many `unpress` follow: somebody waits for memory or for the end. */
  press(): void {
    this.#pressCount += 1
    this.pump()
  }

  /** Undoes one `press`. */
  unpress(): void {
    this.#pressCount -= 1
  }

  /** Sends what is ready, now. */
  pump(): void {
    const { accumulator } = this
    const nowMs = this.#cluster.ports.clock.nowMs()
    accumulator.resetWake()
    if (accumulator.wantsProducerId && accumulator.unsettledCount > 0) this.#askProducerId()
    for (const broker of accumulator.brokers()) this.#pumpBroker(broker, nowMs)
    this.#arm(nowMs)
  }

  /** As `pump`, after the code that runs now: records of one turn meet in one batch. */
  pumpSoon(): void {
    if (this.#isPumpDue) return
    this.#isPumpDue = true
    this.#lifecycle.spawn('pump', async () => {
      await Promise.resolve()
      this.#isPumpDue = false
      this.pump()
    })
  }

  /** Takes over a topic's leaders from the metadata; true when the topic can be written to. */
  takeMetadata(name: string): boolean {
    const topic = this.#cluster.cache.topic(name)
    if (topic?.id !== undefined && topic.partitions.length > 0) {
      this.#missingSinceMs.delete(name)
      const leaders = topic.partitions.map((partition) => partition.leader)
      this.accumulator.setTopic(name, leaders)
      return true
    }
    const known = this.accumulator.topic(name)
    if (topic?.error === undefined || known === undefined) return false
    this.accumulator.setTopic(
      name,
      known.queues.map(() => undefined),
    )
    this.#failMissing(name, topic.error)
    return false
  }

  /** The failure of records that nobody waited for one by one, once; undefined when there was none. */
  takeLoss(): SluiceError | undefined {
    const first = this.#lostFirst
    if (first === undefined) return undefined
    const message = `${this.#lostCount} records were not acknowledged; the first: ${first.message}`
    const error = new SluiceError(first.code, message, {
      outcome: first.outcome,
      isRetriable: first.isRetriable,
      cause: first,
    })
    this.#lostFirst = undefined
    this.#lostCount = 0
    return error
  }

  /** Fails everything that waits and ends what is in flight: nothing is tried again. */
  stop(): void {
    this.#isStopped = true
    this.#timer?.timer.cancel()
    for (const { queue, batch } of this.accumulator.removeOlder(Infinity)) {
      this.#fail(queue, batch, errorOf(queue, batch, closed))
    }
    for (const { abort } of this.#frames.values()) abort.abort()
  }

  #askProducerId(): void {
    if (this.#isAskingId) return
    this.#isAskingId = true
    this.#lifecycle.spawn('producer-id', async (signal) => {
      const producerId = await askProducerId(this.#cluster, signal)
      this.#isAskingId = false
      if (producerId === undefined) return
      this.accumulator.setProducerId(producerId)
      this.pump()
    })
  }

  #pumpBroker(broker: NodeId, nowMs: number): void {
    for (;;) {
      const frame = this.accumulator.drain(broker, nowMs, this.#pressCount > 0)
      if (frame === undefined) return
      this.#lifecycle.spawn('deliver', async () => this.#deliver(frame))
    }
  }

  async #deliver(frame: Frame<Delivery>): Promise<void> {
    const { clock } = this.#cluster.ports
    const abort = new AbortController()
    this.#frames.set(frame, { abort, sentAtMs: clock.nowMs() })
    let outcome: Outcome<ProduceResponse> | Failure
    try {
      outcome = await this.#request(frame, abort.signal)
    } catch (cause) {
      outcome = failureOf(cause)
      for (const run of frame.runs) this.accumulator.taint(run)
    }
    this.#frames.delete(frame)
    this.accumulator.finishFrame(frame)
    for (const [index, run] of frame.runs.entries()) {
      if ('isStale' in outcome) this.#miss(run, outcome)
      else if (!outcome.ok) this.#miss(run, failureOfCode(outcome.code, outcome.message))
      else this.#hear(run, outcome.value.partitions[index])
    }
    for (const { queue, batch } of this.accumulator.takeLost())
      this.#fail(queue, batch, errorOf(queue, batch, gap))
    this.pump()
    this.progressed.ring()
  }

  async #request(frame: Frame<Delivery>, signal: AbortSignal): Promise<Outcome<ProduceResponse>> {
    const partitions =
      this.#options.compression === 'none'
        ? frame.runs.map((run) => this.#entryOf(run, run.bytes))
        : await this.#packInTurn(frame)
    const timeoutMs = Math.min(this.#options.requestTimeoutMs, this.#options.deliveryTimeoutMs)
    const request = { acks: this.#options.acks, partitions }
    return this.#cluster.request(frame.brokerId, 'produce', request, { timeoutMs, signal })
  }

  #entryOf({ queue }: Run<Delivery>, records: Uint8Array): PartitionProduce {
    const { topic, partition } = queue
    const leader = this.#cluster.cache.leaderOf(topic, partition)
    if (leader === undefined)
      throw new TransportFault('unresolved', `${topic} is not in the metadata`)
    return { topicId: leader.topicId, partition, records }
  }

  /** A frame is compressed beside others, and ready after those that were taken before it. */
  async #packInTurn(frame: Frame<Delivery>): Promise<readonly PartitionProduce[]> {
    const { brokerId } = frame
    const packing = this.#packAfter(this.#packing.get(brokerId), frame)
    this.#packing.set(brokerId, packing)
    try {
      return await packing
    } finally {
      if (this.#packing.get(brokerId) === packing) this.#packing.delete(brokerId)
    }
  }

  async #packAfter(
    before: Promise<unknown> | undefined,
    frame: Frame<Delivery>,
  ): Promise<readonly PartitionProduce[]> {
    const packed = frame.runs.map(async (run) => this.#entryOf(run, await this.#pack(run)))
    const [entries] = await Promise.all([Promise.all(packed), before?.catch(() => undefined)])
    return entries
  }

  /** The run's batches with their records compressed, each batch that becomes smaller by it. */
  async #pack(run: Run<Delivery>): Promise<Uint8Array> {
    const codec = this.#options.compression
    const { compressor } = this.#cluster.ports
    const packed = run.batches.map(async (batch) => {
      const { writer } = batch
      const records = await compressor.compress(codec, writer.records())
      const whole = writer.bytes.subarray(writer.start, writer.start + writer.length)
      return records.length + batchHeaderBytes < whole.length
        ? packBatch({ ...writer.header(), ...producerOf(batch) }, codec, records)
        : whole
    })
    return concatBytes(await Promise.all(packed))
  }

  #hear(run: Run<Delivery>, answer: PartitionProduced | undefined): void {
    if (answer === undefined) {
      this.#miss(
        run,
        failureOfCode('UNKNOWN_SERVER_ERROR', 'the broker left a partition unanswered'),
      )
    } else if (answer.error !== undefined) {
      this.#miss(run, failureOfCode(answer.error.code, answer.error.message))
    } else {
      this.accumulator.settle(run, 'taken')
      resolveRun(run, this.#options.acks === 0 ? undefined : answer)
    }
  }

  #miss(run: Run<Delivery>, failure: Failure): void {
    const { clock, entropy } = this.#cluster.ports
    const nowMs = clock.nowMs()
    const first = present(run.batches[0], 'a run with a batch')
    const isTooLarge =
      failure.code === 'MESSAGE_TOO_LARGE' || failure.code === 'RECORD_LIST_TOO_LARGE'
    if (isTooLarge && this.accumulator.shrink(run)) return
    if (failure.isStale) this.#cluster.refreshSoon()
    const isLate = nowMs - first.createdAtMs >= this.#options.deliveryTimeoutMs
    const isOutOfOrder = this.#options.idempotent && sequenceCodes.has(failure.code)
    if ((failure.isRetriable || isOutOfOrder) && !isLate && !this.#isStopped) {
      this.#lastFailure.set(run.queue, failure)
      const pauseMs = Math.min(
        retryPauseMs(run.queue.failureCount, entropy.random()),
        failure.isStale ? stalePauseMsMax : Infinity,
      )
      const mayHaveHappened = failure.outcome === 'unknown'
      const atMs = nowMs + pauseMs
      if (isOutOfOrder) this.accumulator.outOfOrder(run, atMs)
      else this.accumulator.restore(run, { atMs, mayHaveHappened })
      return
    }
    this.accumulator.settle(run, 'given-up')
    for (const batch of run.batches)
      this.#fail(run.queue, batch, errorOf(run.queue, batch, failure))
  }

  #fail(queue: PartitionQueue<Delivery>, batch: PendingBatch<Delivery>, error: SluiceError): void {
    let awaitedCount = 0
    for (const token of batch.tokens ?? []) {
      if (token === undefined) continue
      awaitedCount += 1
      token.reject(error)
    }
    const lostCount = batch.writer.recordCount - awaitedCount
    if (lostCount === 0) return
    this.#lostCount += lostCount
    this.#lostFirst ??= error
    this.#cluster.ports.telemetry.log('warn', 'records-not-acknowledged', {
      topic: queue.topic,
      partition: queue.partition,
      count: lostCount,
      code: error.code,
    })
  }

  #failMissing(name: string, why: { readonly code: ErrorCode; readonly message: string }): void {
    const nowMs = this.#cluster.ports.clock.nowMs()
    const sinceMs = this.#missingSinceMs.get(name) ?? nowMs
    this.#missingSinceMs.set(name, sinceMs)
    if (nowMs - sinceMs < missingTopicMs && isRetriable(why.code)) return
    for (const { queue, batch } of this.accumulator.removeOlder(Infinity, name)) {
      this.#fail(queue, batch, errorOf(queue, batch, failureOfCode(why.code, why.message)))
    }
    this.progressed.ring()
  }

  /** The one timer: for what lingers or waits to be retried, for missing leaders, and for the sweep. */
  #arm(nowMs: number): void {
    const { accumulator } = this
    let atMs = accumulator.wakeAtMs
    if (accumulator.unsettledCount > 0) atMs = Math.min(atMs, this.#sweptAtMs + sweepMs)
    if (accumulator.leaderlessTopics().size > 0) atMs = Math.min(atMs, nowMs + leaderlessPauseMs)
    if (this.#timer !== undefined && this.#timer.atMs <= atMs) return
    this.#timer?.timer.cancel()
    this.#timer = undefined
    if (!Number.isFinite(atMs)) return
    const timer = this.#cluster.ports.clock.after(Math.max(0, atMs - nowMs), () => {
      this.#timer = undefined
      this.#sweep()
      this.pump()
    })
    this.#timer = { atMs, timer }
  }

  #sweep(): void {
    const nowMs = this.#cluster.ports.clock.nowMs()
    if (this.accumulator.leaderlessTopics().size > 0) this.#cluster.refreshSoon()
    if (nowMs - this.#sweptAtMs < sweepMs) return
    this.#sweptAtMs = nowMs
    const late = this.accumulator.removeOlder(nowMs - this.#options.deliveryTimeoutMs)
    for (const { queue, batch } of late) this.#fail(queue, batch, this.#lateError(queue, batch))
    if (late.length > 0) this.progressed.ring()
    for (const [frame, { abort, sentAtMs }] of this.#frames) {
      if (nowMs - sentAtMs < suspectAfterMs) continue
      this.#cluster.refreshSoon()
      // The leader has changed while the old one is silent: no answer of it will count any more.
      if (frame.runs.some((run) => this.#hasMoved(run.queue, frame.brokerId))) abort.abort()
    }
  }

  #hasMoved(queue: PartitionQueue<Delivery>, from: NodeId): boolean {
    const leader = this.#cluster.cache.leaderOf(queue.topic, queue.partition)?.leader
    return leader !== undefined && leader !== from
  }

  #lateError(queue: PartitionQueue<Delivery>, batch: PendingBatch<Delivery>): SluiceError {
    const last = this.#lastFailure.get(queue)
    const because = last === undefined ? 'its partition has no leader' : last.message
    const limitMs = this.#options.deliveryTimeoutMs
    return new SluiceError(
      'TIMED_OUT',
      `a record for ${nameOf(queue)} was not acknowledged within ${limitMs} ms: ${because}`,
      { outcome: batch.mayHaveHappened ? 'unknown' : 'refused' },
    )
  }
}

function packBatch(
  header: Parameters<typeof writeBatchHeader>[2],
  codec: CompressionName,
  records: Uint8Array,
): Uint8Array {
  const batchBytes = batchHeaderBytes + records.length
  const bytes = new Uint8Array(batchBytes)
  bytes.set(records, batchHeaderBytes)
  writeBatchHeader(bytes, 0, { ...header, batchBytes, compression: codec })
  return bytes
}

function resolveRun(run: Run<Delivery>, answer: PartitionProduced | undefined): void {
  const { partition } = run.queue
  const common = { partition, logAppendTimeMs: answer?.logAppendTimeMs }
  let offset: number | undefined = answer?.baseOffset
  for (const batch of run.batches) {
    if (batch.tokens !== undefined) resolveBatch(batch.tokens, common, offset)
    if (offset !== undefined) offset += batch.writer.recordCount
  }
}

function resolveBatch(
  tokens: readonly (Delivery | undefined)[],
  common: { readonly partition: PartitionIndex; readonly logAppendTimeMs: number | undefined },
  baseOffset: number | undefined,
): void {
  const { partition, logAppendTimeMs } = common
  for (let index = 0; index < tokens.length; index++) {
    // The broker's base offset was checked where it came in; the sum stays below the next batch's.
    const offset = (baseOffset === undefined ? -1 : baseOffset + index) as SendResult['offset']
    const result =
      logAppendTimeMs === undefined ? { partition, offset } : { partition, offset, logAppendTimeMs }
    tokens[index]?.resolve(result)
  }
}

function nameOf(queue: PartitionQueue<Delivery>): string {
  return `${queue.topic}-${queue.partition}`
}

function errorOf(
  queue: PartitionQueue<Delivery>,
  batch: PendingBatch<Delivery>,
  failure: Failure,
): SluiceError {
  const isUnknown = batch.mayHaveHappened || failure.outcome === 'unknown'
  const place = `${nameOf(queue)}: `
  const why = failure.message.startsWith(place) ? failure.message : place + failure.message
  return new SluiceError(failure.code, `sending to ${why}`, {
    outcome: isUnknown ? 'unknown' : 'refused',
  })
}

function failureOfCode(code: ErrorCode, message: string): Failure {
  return {
    code,
    message,
    outcome: outcomeOf(code),
    isRetriable: isRetriable(code),
    isStale: wantsMetadata(code),
  }
}

/** Anything but a transport fault (a codec that fails, a bug) is final. */
function failureOf(cause: unknown): Failure {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (!(cause instanceof TransportFault)) return failureOfCode('UNKNOWN_SERVER_ERROR', message)
  return {
    code: 'BROKER_UNREACHABLE',
    message,
    outcome: faultOutcome(cause),
    isRetriable: true,
    isStale: true,
  }
}
