/**
 * The leader's end of the replica fetch streams: takes the followers' positions, counts their
 * durable offsets, and answers a parked fetch in the same turn in which something happened: an
 * append (before the leader's own disk has it), a move of the high watermark, an image.
 *
 * Invariants:
 * - A stream has at most one request parked; a newer one from the same stream ends the older.
 * - What a fetch acknowledges is counted before anything is answered to anybody.
 */
import { unreachable } from '../../base/assert.ts'
import { type Epoch, type NodeId } from '../../base/id.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import {
  type ReplicaFetched,
  type ReplicaFetchRequest,
  type ReplicaFetchResponse,
  type ReplicaPosition,
} from '../../core/api/replica-fetch.ts'
import { type RequestContext } from '../../core/api/request-context.ts'
import { checkReplicaFetch } from '../../core/replica/fetch-check.ts'
import { LeaderSession, partitionKey } from '../../core/replica/fetch-plan.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Clock } from '../ports/clock.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type TimerWheel, type WheelEntry } from '../runtime/timer-wheel.ts'
import { type LogRead } from '../storage/partition-log.ts'
import { type HostedPartition } from './hosted-partition.ts'
import { type Purgatory } from './purgatory.ts'

/** What the sessions need of the broker. */
export interface ReplicaSessionsParts {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly purgatory: Purgatory
  readonly background: Lifecycle
  readonly find: (key: string) => HostedPartition | undefined
  /** A follower may have become ready to join the ISR. */
  readonly considerIsr: (hosted: HostedPartition) => void
  /** A log here could not be read. */
  readonly readFailed: (hosted: HostedPartition, cause: StorageFault) => void
}

interface Parked {
  readonly bytesMax: number
  readonly answer: (response: ReplicaFetchResponse) => void
  readonly timer: WheelEntry
}

interface Stream {
  readonly session: LeaderSession
  parked: Parked | undefined
  seenAtMs: number
}

/** When a follower was last heard of. */
export interface FollowerContact {
  readonly isWaiting: boolean
  readonly seenAtMs: number
}

/** All replica fetch streams that this broker serves. */
export class ReplicaSessions {
  readonly #parts: ReplicaSessionsParts
  readonly #streams = new Map<string, Stream>()
  readonly #due = new Set<Stream>()
  #isFlushing = false

  constructor(parts: ReplicaSessionsParts) {
    this.#parts = parts
  }

  /** Answers one fetch: at once with news, else when there is some, else empty after its wait. */
  async fetch(
    request: ReplicaFetchRequest,
    context: RequestContext,
  ): Promise<Outcome<ReplicaFetchResponse>> {
    const stream = this.#streamOf(request)
    if (stream === undefined || !stream.session.accept(request)) {
      return refuse('INVALID_REQUEST', 'the fetch session is not known here: start it anew')
    }
    const nowMs = this.#parts.clock.nowMs()
    stream.seenAtMs = nowMs
    stream.parked?.answer({ partitions: [] })
    const response = this.#park(stream, request, context)
    for (const position of request.positions) this.#acknowledge(stream, position)
    this.#due.add(stream)
    this.flush()
    return { ok: true, value: await response }
  }

  /** Something happened in a partition; `flush` answers whoever waits for it. */
  mark(hosted: HostedPartition): void {
    for (const stream of this.#streams.values()) {
      if (stream.session.mark(hosted.key) && stream.parked !== undefined) this.#due.add(stream)
    }
  }

  /** Answers the parked fetches of marked partitions, in this turn. */
  flush(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    try {
      for (const stream of this.#due) {
        this.#due.delete(stream)
        this.#answer(stream)
      }
    } finally {
      this.#isFlushing = false
    }
  }

  /** When a follower was last heard of, over all its streams. */
  contact(replicaId: NodeId): FollowerContact | undefined {
    let contact: FollowerContact | undefined
    for (const { session, parked, seenAtMs } of this.#streams.values()) {
      if (session.replicaId !== replicaId) continue
      contact = {
        isWaiting: parked !== undefined || contact?.isWaiting === true,
        seenAtMs: Math.max(seenAtMs, contact?.seenAtMs ?? 0),
      }
    }
    return contact
  }

  /** Ends every wait with an empty answer. */
  close(): void {
    for (const stream of this.#streams.values()) stream.parked?.answer({ partitions: [] })
    this.#streams.clear()
    this.#due.clear()
  }

  #streamOf(request: ReplicaFetchRequest): Stream | undefined {
    const key = `${request.replicaId}/${request.sessionId}`
    const known = this.#streams.get(key)
    if (known !== undefined || request.sequence !== 0) return known
    for (const [otherKey, other] of this.#streams) {
      const { replicaId, brokerEpoch: epoch } = other.session
      if (replicaId === request.replicaId && epoch < request.brokerEpoch) {
        other.parked?.answer({ partitions: [] })
        this.#streams.delete(otherKey)
      }
    }
    const stream = { session: new LeaderSession(request), parked: undefined, seenAtMs: 0 }
    this.#streams.set(key, stream)
    return stream
  }

  async #park(
    stream: Stream,
    request: ReplicaFetchRequest,
    context: RequestContext,
  ): Promise<ReplicaFetchResponse> {
    const { clock, wheel } = this.#parts
    const lateAtMs = Math.min(context.deadlineAtMs, clock.nowMs() + request.waitMsMax)
    return new Promise((resolve) => {
      const answer = (response: ReplicaFetchResponse): void => {
        parked.timer.cancel()
        context.signal?.removeEventListener('abort', giveUp)
        if (stream.parked === parked) stream.parked = undefined
        resolve(response)
      }
      const giveUp = (): void => {
        answer({ partitions: [] })
      }
      const parked = { bytesMax: request.bytesMax, answer, timer: wheel.at(lateAtMs, giveUp) }
      stream.parked = parked
      if (context.signal?.aborted === true) giveUp()
      else context.signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** Counts a position's durable offset, if the position is right. */
  #acknowledge(stream: Stream, position: ReplicaPosition): void {
    const hosted = this.#parts.find(partitionKey(position))
    const leader = hosted?.state.leader()
    if (hosted === undefined || leader === undefined) return
    const { replicaId, brokerEpoch: epoch } = stream.session
    const fetcher = { replicaId, brokerEpoch: epoch }
    const verdict = checkReplicaFetch(hosted.state, hosted.log, { position, fetcher })
    if (verdict.type !== 'serve') return
    const hasMoved = leader.followerFetched({
      brokerId: replicaId,
      brokerEpoch: epoch,
      durableOffset: position.durableOffset,
      logStartOffset: position.logStartOffset,
      nowMs: this.#parts.clock.nowMs(),
    })
    this.#parts.considerIsr(hosted)
    if (!hasMoved) return
    this.#parts.purgatory.moved(hosted)
    this.mark(hosted)
  }

  #answer(stream: Stream): void {
    const { parked } = stream
    if (parked === undefined) return
    const { told, reading } = this.#collect(stream, parked.bytesMax)
    if (told.length === 0 && reading === undefined) return
    stream.parked = undefined
    if (reading === undefined) {
      parked.answer({ partitions: told })
      return
    }
    // From here on the news is taken off the session: only this answer may carry it.
    parked.timer.cancel()
    this.#parts.background.spawn('replica-read', async () => {
      parked.answer({ partitions: [...told, await reading] })
    })
  }

  /** News of the candidates, in turns. A read from disk ends the round: its size is not known yet. */
  #collect(
    stream: Stream,
    bytesMax: number,
  ): { readonly told: readonly ReplicaFetched[]; readonly reading?: Promise<ReplicaFetched> } {
    const told: ReplicaFetched[] = []
    let bytesLeft = bytesMax
    for (const [key, position] of stream.session.candidates()) {
      if (bytesLeft <= 0) break
      const hosted = this.#parts.find(key)
      // A partition that is not here yet is looked at again when it is.
      const news = hosted && this.#look(stream, hosted, { position, bytesMax: bytesLeft })
      stream.session.settle(key)
      if (news instanceof Promise) return { told, reading: news }
      if (news === undefined) continue
      told.push(news)
      for (const slice of news.records) bytesLeft -= slice.length
    }
    return { told }
  }

  #look(
    stream: Stream,
    hosted: HostedPartition,
    want: { readonly position: ReplicaPosition; readonly bytesMax: number },
  ): ReplicaFetched | Promise<ReplicaFetched> | undefined {
    const { position, bytesMax } = want
    const { replicaId, brokerEpoch } = stream.session
    const verdict = checkReplicaFetch(hosted.state, hosted.log, {
      position,
      fetcher: { replicaId, brokerEpoch },
    })
    switch (verdict.type) {
      case 'later':
        return undefined
      case 'refuse':
        return fetchedOf(hosted, { error: { code: verdict.code, message: verdict.message } })
      case 'diverging':
        return fetchedOf(hosted, {
          diverging: { epoch: verdict.epoch, endOffset: verdict.endOffset },
        })
      case 'serve':
        this.#acknowledgeLate(stream, position, hosted)
        return this.#news(hosted, { position, bytesMax })
      default:
        return unreachable(verdict)
    }
  }

  /** A position that came before this broker led counts from the moment it does. */
  #acknowledgeLate(stream: Stream, position: ReplicaPosition, hosted: HostedPartition): void {
    const known = hosted.state.leader()?.follower(stream.session.replicaId)
    if (known?.durableOffset === undefined || known.brokerEpoch !== stream.session.brokerEpoch) {
      this.#acknowledge(stream, position)
    }
  }

  #news(
    hosted: HostedPartition,
    want: { readonly position: ReplicaPosition; readonly bytesMax: number },
  ): ReplicaFetched | Promise<ReplicaFetched> | undefined {
    const { fetchOffset, highWatermark, logStartOffset } = want.position
    if (hosted.log.endOffset() <= fetchOffset) {
      const hasMoved =
        hosted.state.highWatermark() > highWatermark || hosted.log.startOffset() > logStartOffset
      return hasMoved ? fetchedOf(hosted, {}) : undefined
    }
    try {
      // A follower must not copy rot: what comes from disk is proven, bodies included.
      const query = { from: fetchOffset, bytesMax: want.bytesMax, provesBodies: true }
      const read = hosted.log.read(query)
      if (read instanceof Promise) {
        return this.#readLater(hosted, read, want.position.leaderEpoch)
      }
      return fetchedOf(hosted, { records: read.slices })
    } catch (cause) {
      return this.#unreadable(hosted, cause)
    }
  }

  async #readLater(
    hosted: HostedPartition,
    reading: Promise<LogRead>,
    leaderEpoch: Epoch,
  ): Promise<ReplicaFetched> {
    try {
      const { slices } = await reading
      if (hosted.state.checkEpoch(leaderEpoch) === 'right')
        return fetchedOf(hosted, { records: slices })
      const message = `leader epoch ${leaderEpoch} ended`
      return fetchedOf(hosted, { error: { code: 'NOT_LEADER_OR_FOLLOWER', message } })
    } catch (cause) {
      return this.#unreadable(hosted, cause)
    }
  }

  #unreadable(hosted: HostedPartition, cause: unknown): ReplicaFetched {
    if (!(cause instanceof StorageFault)) throw cause
    this.#parts.readFailed(hosted, cause)
    return fetchedOf(hosted, { error: { code: 'KAFKA_STORAGE_ERROR', message: cause.message } })
  }
}

function fetchedOf(
  hosted: HostedPartition,
  news: Pick<ReplicaFetched, 'error' | 'diverging'> & { readonly records?: readonly Uint8Array[] },
): ReplicaFetched {
  return {
    topicId: hosted.topicId,
    partition: hosted.partition,
    highWatermark: hosted.state.highWatermark(),
    logStartOffset: hosted.log.startOffset(),
    ...news,
    records: news.records ?? [],
  }
}
