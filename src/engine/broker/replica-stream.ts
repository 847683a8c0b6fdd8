/**
 * A follower's long-lived fetch stream to one leader. One request is in flight; the next follows when
 * the writes of its answer are done, so that each request says what this disk really has. A partition
 * joins or leaves by cancelling the parked request, never by waiting for it.
 */
import { offset, type NodeId, type Offset } from '../../base/id.ts'
import {
  type ReplicaFetched,
  type ReplicaFetchRequest,
  type ReplicaPosition,
} from '../../core/api/replica-fetch.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Hello } from '../../core/api/hello.ts'
import { planTruncation } from '../../core/replica/fetch-check.ts'
import { FollowerSession, partitionKey } from '../../core/replica/fetch-plan.ts'
import { StorageFault, TransportFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { type Channel } from '../ports/transport.ts'
import { Bell } from '../runtime/bell.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { Backoff } from '../runtime/retry.ts'
import { type TimerWheel } from '../runtime/timer-wheel.ts'
import { type PartitionLog } from '../storage/partition-log.ts'
import { planFollowerAppends } from './follower-append.ts'
import { type HostedPartition } from './hosted-partition.ts'
import { type Standing } from './standing.ts'

/** What a stream needs, the same for all streams of a broker. */
export interface ReplicaStreamParts {
  readonly ports: Pick<Ports, 'clock' | 'entropy' | 'telemetry' | 'transport'>
  readonly localId: NodeId
  readonly standing: Standing
  readonly hello: () => Hello
  readonly wheel: TimerWheel
  readonly background: Lifecycle
  readonly waitMsMax: number
  readonly bytesMax: number
  /** Where a broker is reached by other brokers, by the newest image. */
  readonly endpointOf: (id: NodeId) => Endpoint | undefined
  readonly writeFailed: (hosted: HostedPartition, cause: unknown) => void
  /** Appends of an epoch that was led here may be known to be kept now. */
  readonly highWatermarkMoved: (hosted: HostedPartition) => void
  /** It cannot append before it knows the producers in its log. */
  readonly producersAreBehind: (hosted: HostedPartition) => void
  /** A write ended that another stream, or this one later, must tell its leader of. */
  readonly settled: (hosted: HostedPartition) => void
}

/** Which leader, and which of its two streams. */
export interface ReplicaStreamName {
  readonly leaderId: NodeId
  readonly kind: 'hot' | 'catching-up'
}

/** How much longer than its parking a fetch may take. */
const answerGraceMs = 5000
const retryMs = 200

/** One stream. */
export class ReplicaStream {
  readonly #parts: ReplicaStreamParts
  readonly #name: ReplicaStreamName
  readonly #session = new FollowerSession()
  readonly #members = new Map<string, HostedPartition>()
  readonly #sent = new Map<string, ReplicaPosition>()
  readonly #changed = new Bell()
  readonly #moveOver: (hosted: HostedPartition) => void
  #waiting: AbortController | undefined
  #open: { readonly key: string; readonly channel: Channel } | undefined

  /** `moveOver` is called for a partition that belongs on the leader's other stream now. */
  constructor(
    parts: ReplicaStreamParts,
    name: ReplicaStreamName,
    moveOver: (hosted: HostedPartition) => void,
  ) {
    this.#parts = parts
    this.#name = name
    this.#moveOver = moveOver
  }

  /** True when it fetches this partition. */
  has(hosted: HostedPartition): boolean {
    return this.#members.has(hosted.key)
  }

  /** Fetches a partition from now on, under whatever epoch it follows. */
  add(hosted: HostedPartition): void {
    const isSent = this.#sent.get(hosted.key)?.leaderEpoch === hosted.followedEpoch()
    if (this.has(hosted) && isSent) return
    this.#members.set(hosted.key, hosted)
    this.#session.add(hosted)
    this.#interrupt()
  }

  /** Its log moved outside this stream's turn, or its directory changed: the leader hears of it at once. */
  refresh(hosted: HostedPartition): void {
    if (!this.has(hosted)) return
    if (hosted.isWritable()) this.#session.add(hosted)
    else {
      this.#session.remove(hosted)
      this.#sent.delete(hosted.key)
    }
    this.#interrupt()
  }

  /** Fetches it no more. */
  remove(hosted: HostedPartition): void {
    if (!this.#members.delete(hosted.key)) return
    this.#sent.delete(hosted.key)
    this.#session.remove(hosted)
  }

  /** The leader's address or epoch may have changed: connects again now instead of after a pause. */
  leaderMoved(): void {
    this.#changed.ring()
  }

  /** Fetches until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, entropy } = this.#parts.ports
    const backoff = new Backoff({ initialMs: 25, maxMs: 500 }, entropy)
    while (!signal.aborted) {
      if (this.#members.size === 0) {
        await this.#changed.wait({ signal })
        // Nobody was told of the leader's lives in between: its end of the session may be gone.
        this.#session.restart()
        continue
      }
      if (!this.#canFetch()) {
        await this.#changed.wait({ signal, timeout: { clock, ms: retryMs } })
        continue
      }
      await this.#rebuild()
      const went = await this.#exchange(signal)
      if (went === 'well') {
        backoff.reset()
        continue
      }
      this.#session.restart()
      if (went === 'interrupted') continue
      await this.#changed.wait({ signal, timeout: { clock, ms: backoff.nextMs() } })
    }
    await this.#open?.channel.close()
  }

  /** Cuts damaged logs before what is damaged: the leader gives it again. */
  async #rebuild(): Promise<void> {
    const cuts: Promise<void>[] = []
    for (const hosted of this.#members.values()) {
      const from = hosted.rebuildsFrom()
      if (from === undefined) continue
      this.#log('damaged-log-cut', { ...nameOf(hosted), from: hosted.log.endOffset(), to: from })
      cuts.push(
        this.#orRetry(
          hosted,
          this.#cut(hosted, async (log) => cutBefore(log, from)),
        ),
      )
    }
    await Promise.all(cuts)
  }

  #canFetch(): boolean {
    return (
      this.#parts.standing.brokerEpoch() !== undefined &&
      this.#parts.endpointOf(this.#name.leaderId) !== undefined
    )
  }

  #interrupt(): void {
    this.#waiting?.abort()
    this.#changed.ring()
  }

  async #exchange(signal: AbortSignal): Promise<'well' | 'badly' | 'interrupted'> {
    const channel = this.#channel()
    const request = this.#plan()
    if (channel === undefined || request === undefined) return 'badly'
    const waiting = new AbortController()
    const stop = (): void => {
      waiting.abort()
    }
    signal.addEventListener('abort', stop, { once: true })
    this.#waiting = waiting
    try {
      const timeoutMs = this.#parts.waitMsMax + answerGraceMs
      const outcome = await channel.request('replica-fetch', request, {
        timeoutMs,
        signal: waiting.signal,
      })
      this.#waiting = undefined
      if (!outcome.ok) {
        this.#log('replica-fetch-refused', { code: outcome.code, message: outcome.message })
        return 'badly'
      }
      await this.#apply(outcome.value.partitions)
      return 'well'
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      if (cause.code === 'cancelled') return 'interrupted'
      this.#log('replica-fetch-failed', { code: cause.code, message: cause.message })
      return 'badly'
    } finally {
      this.#waiting = undefined
      signal.removeEventListener('abort', stop)
    }
  }

  #channel(): Channel | undefined {
    const endpoint = this.#parts.endpointOf(this.#name.leaderId)
    if (endpoint === undefined) return undefined
    const hello = this.#parts.hello()
    const key = `${endpoint.host}:${endpoint.port}/${hello.broker?.brokerEpoch ?? ''}`
    if (this.#open?.key === key) return this.#open.channel
    const before = this.#open?.channel
    const { host, port } = endpoint
    const channel = this.#parts.ports.transport.connect({ host, port, hello, role: 'broker' })
    this.#open = { key, channel }
    this.#session.restart()
    if (before !== undefined)
      this.#parts.background.spawn('close-stream', async () => before.close())
    return channel
  }

  #plan(): ReplicaFetchRequest | undefined {
    const brokerEpoch = this.#parts.standing.brokerEpoch()
    if (brokerEpoch === undefined) return undefined
    const planned = this.#session.plan((id) => {
      const position = this.#members.get(partitionKey(id))?.position()
      if (position !== undefined) this.#sent.set(partitionKey(id), position)
      return position
    })
    return {
      replicaId: this.#parts.localId,
      brokerEpoch,
      sessionId: this.#name.kind === 'hot' ? 1 : 2,
      waitMsMax: this.#parts.waitMsMax,
      bytesMax: this.#parts.bytesMax,
      ...planned,
    }
  }

  async #apply(partitions: readonly ReplicaFetched[]): Promise<void> {
    const writes: Promise<void>[] = []
    for (const fetched of partitions) {
      const hosted = this.#members.get(partitionKey(fetched))
      if (hosted === undefined) continue
      this.#session.touch(hosted)
      const sent = this.#sent.get(hosted.key)
      // The image has moved on since the position was sent: its answer says nothing about the new epoch.
      if (sent === undefined || hosted.followedEpoch() !== sent.leaderEpoch) continue
      writes.push(this.#orRetry(hosted, this.#applyOne(hosted, fetched, sent)))
    }
    await Promise.all(writes)
  }

  async #applyOne(
    hosted: HostedPartition,
    fetched: ReplicaFetched,
    sent: ReplicaPosition,
  ): Promise<void> {
    if (fetched.error !== undefined) await this.#refused(hosted, fetched)
    else if (fetched.diverging !== undefined) {
      const end = planTruncation(hosted.log, fetched.diverging)
      this.#log('log-truncated', { ...nameOf(hosted), from: hosted.log.endOffset(), to: end })
      await this.#cut(hosted, async (log) => log.truncateTo(end))
    } else await this.#append(hosted, fetched, sent)
  }

  /** A failed write is told, and the partition left out for a while. */
  async #orRetry(hosted: HostedPartition, writing: Promise<void>): Promise<void> {
    try {
      await writing
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      this.#parts.writeFailed(hosted, cause)
      this.#retryLater(hosted)
    }
  }

  async #append(
    hosted: HostedPartition,
    fetched: ReplicaFetched,
    sent: ReplicaPosition,
  ): Promise<void> {
    const { log, state } = hosted
    const planned = planFollowerAppends(fetched.records, {
      startOffset: log.startOffset(),
      endOffset: log.endOffset(),
      epochMax: sent.leaderEpoch,
    })
    if (!planned.ok) {
      this.#log('replica-fetch-unusable', { ...nameOf(hosted), message: planned.message })
      this.#retryLater(hosted)
      return
    }
    if (planned.restartsAt !== undefined) {
      const { restartsAt } = planned
      await this.#cut(hosted, async (cut) => cut.restartAt(restartsAt))
      if (hosted.followedEpoch() !== sent.leaderEpoch) return
    }
    if (!hosted.producers.isCurrent()) {
      this.#parts.producersAreBehind(hosted)
      this.#retryLater(hosted)
      return
    }
    const appends = planned.runs.map(async (run) => hosted.follow(run))
    if (state.leaderToldHighWatermark(fetched.highWatermark)) this.#parts.highWatermarkMoved(hosted)
    const isBehind = planned.endOffset < fetched.highWatermark
    await Promise.all(appends)
    // What this log does not reach yet it fetches from there: the leader refuses what is below.
    const start = Math.min(fetched.logStartOffset, log.endOffset())
    if (start > log.startOffset()) await hosted.startAt(offset(start))
    if (!this.has(hosted) || hosted.followedEpoch() !== sent.leaderEpoch) {
      this.#parts.settled(hosted)
    } else if (isBehind !== (this.#name.kind === 'catching-up')) this.#moveOver(hosted)
  }

  async #refused(hosted: HostedPartition, fetched: ReplicaFetched): Promise<void> {
    this.#log('replica-fetch-refused', { ...nameOf(hosted), ...fetched.error })
    if (fetched.error?.code === 'OFFSET_OUT_OF_RANGE') {
      await this.#cut(hosted, async (log) => log.restartAt(fetched.logStartOffset))
    } else this.#retryLater(hosted)
  }

  async #cut(hosted: HostedPartition, how: Parameters<HostedPartition['cut']>[0]): Promise<void> {
    const { failure } = await hosted.cut(how)
    this.#parts.settled(hosted)
    if (failure !== undefined) throw failure.cause
  }

  /** Leaves it out for a while; an image that changes its leader brings it back at once. */
  #retryLater(hosted: HostedPartition): void {
    this.#session.remove(hosted)
    this.#sent.delete(hosted.key)
    this.#parts.wheel.at(this.#parts.ports.clock.nowMs() + retryMs, () => {
      if (this.has(hosted)) this.add(hosted)
    })
  }

  #log(event: string, fields: Readonly<Record<string, unknown>>): void {
    this.#parts.ports.telemetry.log('debug', event, { ...this.#name, ...fields })
  }
}

/** Cuts at `from`, or everything when not even the place of `from` is known any more. */
async function cutBefore(log: PartitionLog, from: Offset): Promise<void> {
  try {
    await log.truncateTo(from)
  } catch (cause) {
    if (!(cause instanceof StorageFault) || cause.code !== 'corrupt') throw cause
    await log.restartAt(log.startOffset())
  }
}

function nameOf(hosted: HostedPartition): Readonly<Record<string, unknown>> {
  return { topic: hosted.topicName, partition: hosted.partition }
}
