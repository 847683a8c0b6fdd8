/**
 * Leads one epoch: appends, answers fetches, and commits what a majority has synced. A fetch from an
 * offset acknowledges everything below it. Without fetches of a majority it resigns (check-quorum).
 *
 * Invariants:
 * - Its own position counts up to what it has synced, not what it has appended.
 * - It commits only through an entry of its own epoch.
 */
import { assert } from '../../../base/assert.ts'
import { offset, type Offset } from '../../../base/id.ts'
import { type QuorumFetchRequest, type QuorumReplica, type ReplicaKey } from '../../api/quorum.ts'
import { planHighWatermark } from '../high-watermark.ts'
import { ParkedFetches } from '../parked-fetch.ts'
import { type QuorumState } from '../quorum-state.ts'
import { isSameReplica } from '../voter-set.ts'
import { type Next, type Role } from './role.ts'

interface Progress {
  readonly key: ReplicaKey
  endOffset: Offset
  lastFetchAtMs: number
  caughtUpAtMs: number
}

interface Announcement {
  readonly key: ReplicaKey
  dueAtMs: number
  requestId: number | undefined
}

/** Observers that have not fetched for this long are forgotten. */
const observerLifeMs = 60_000

/** The leader of one epoch. */
export class Leader implements Role {
  readonly name = 'leader'
  /** Offset of its LeaderChange: the first entry of its epoch. */
  readonly epochStartOffset: Offset
  readonly #state: QuorumState
  readonly #electedAtMs: number
  readonly #parked = new ParkedFetches()
  readonly #announcements: readonly Announcement[]
  #replicas: readonly Progress[] = []

  constructor(state: QuorumState, nowMs: number, grantingVoters: readonly ReplicaKey[]) {
    this.#state = state
    this.#electedAtMs = nowMs
    state.followLeader({
      leaderId: state.local.nodeId,
      ...(state.localEndpoint && { endpoint: state.localEndpoint }),
    })
    this.epochStartOffset = state.appendLeaderChange(grantingVoters)
    this.#announcements = state
      .voters()
      .others(state.local)
      .map(({ nodeId, directoryId }) => ({
        key: { nodeId, directoryId },
        dueAtMs: -Infinity,
        requestId: undefined,
      }))
  }

  nextDeadlineMs(): number {
    const idle = this.#announcements.filter((one) => one.requestId === undefined)
    return Math.min(
      this.#quorumUntilMs(),
      this.#parked.nextDeadlineMs(),
      ...idle.map((one) => this.#announceAtMs(one)),
    )
  }

  act(nowMs: number): Next {
    if (nowMs >= this.#quorumUntilMs()) return this.resign()
    this.#commit()
    const news = { logEndOffset: this.#state.logEnd(), highWatermark: this.#state.highWatermark() }
    for (const fetch of this.#parked.takeNews(news)) this.#answer(fetch)
    for (const fetch of this.#parked.takeLate(nowMs)) this.#answer(fetch)
    for (const one of this.#announcements) this.#announce(one, nowMs)
    return undefined
  }

  answered(requestId: number, _response: unknown, nowMs: number): Next {
    return this.unanswered(requestId, false, nowMs)
  }

  /** Answered or not: announced again unless the voter fetches meanwhile. */
  unanswered(requestId: number, _isRefused: boolean, nowMs: number): Next {
    const one = this.#announcements.find((candidate) => candidate.requestId === requestId)
    if (one === undefined) return undefined
    one.requestId = undefined
    one.dueAtMs = nowMs + this.#announceEveryMs() / 2
    return undefined
  }

  grantsPreVote(): boolean {
    return false
  }

  /** Takes the offsets of a fetch as an acknowledgement, and answers it now or parks it. */
  fetch(requestId: number, request: QuorumFetchRequest, nowMs: number): void {
    const { fetchOffset, lastFetchedEpoch, replica } = request
    const diverging = this.#state.divergenceOf(fetchOffset, lastFetchedEpoch)
    if (diverging !== undefined) {
      this.#progressOf(replica, nowMs).lastFetchAtMs = nowMs
      this.#reply(requestId, { diverging })
      return
    }
    const progress = this.#progressOf(replica, nowMs)
    progress.lastFetchAtMs = nowMs
    // Exactly what it says, also when that is less: a copied message may only make it look slow.
    progress.endOffset = fetchOffset
    if (fetchOffset === this.#state.logEnd()) progress.caughtUpAtMs = nowMs
    this.#commit()
    const hasNews =
      fetchOffset < this.#state.logEnd() || request.highWatermark < this.#state.highWatermark()
    if (hasNews || request.waitMsMax <= 0) {
      this.#reply(requestId, { from: fetchOffset, bytesMax: request.bytesMax })
      return
    }
    const deadlineAtMs = nowMs + Math.min(request.waitMsMax, this.#state.times.fetchTimeoutMs)
    const { highWatermark, bytesMax } = request
    const waiting = { requestId, replica, fetchOffset, highWatermark, bytesMax, deadlineAtMs }
    for (const earlier of this.#parked.park(waiting)) this.#answer(earlier)
  }

  /** Ends the term; the furthest voters are named first. */
  resign(): Next {
    const voters = this.#voterProgress().filter((one) => !isSameReplica(one.key, this.#state.local))
    const successors = [...voters]
      .sort((left, right) => right.endOffset - left.endOffset)
      .map((one) => one.key)
    return { to: 'resigned', successors }
  }

  /** Those who wait are told that this node leads no more; called when the role has ended. */
  releaseParked(): void {
    for (const { requestId } of this.#parked.takeAll()) {
      this.#state.answer({
        api: 'quorum-fetch',
        requestId,
        error: 'NOT_LEADER_OR_FOLLOWER',
        leader: this.#state.leaderAnswer(),
        highWatermark: this.#state.highWatermark(),
        logStartOffset: offset(0),
      })
    }
  }

  /** The replicas as the leader sees them. */
  describe(nowMs: number): {
    readonly voters: readonly QuorumReplica[]
    readonly observers: readonly QuorumReplica[]
  } {
    const show = (one: Progress): QuorumReplica => {
      const isLocal = isSameReplica(one.key, this.#state.local)
      return {
        ...one.key,
        logEndOffset: isLocal ? this.#state.logEnd() : one.endOffset,
        lagMs: isLocal ? 0 : Math.round(nowMs - one.caughtUpAtMs),
        lastFetchMs: isLocal ? 0 : Math.round(nowMs - one.lastFetchAtMs),
      }
    }
    const observers = this.#replicas.filter((one) => !this.#state.voters().has(one.key))
    return { voters: this.#voterProgress().map(show), observers: observers.map(show) }
  }

  #commit(): void {
    this.#state.raiseHighWatermark(
      planHighWatermark({
        syncedEnds: this.#voterProgress().map((one) => one.endOffset),
        epochStartOffset: this.epochStartOffset,
        highWatermark: this.#state.highWatermark(),
      }),
    )
  }

  /** Every voter, the leader itself included; those that have not fetched in this epoch stand at 0. */
  #voterProgress(): readonly Progress[] {
    return this.#state.voters().voters.map((voter) => {
      const key = { nodeId: voter.nodeId, directoryId: voter.directoryId }
      if (isSameReplica(key, this.#state.local)) {
        return { ...this.#unheard(key), endOffset: this.#state.durableEnd() }
      }
      return this.#replicas.find((one) => isSameReplica(one.key, key)) ?? this.#unheard(key)
    })
  }

  #unheard(key: ReplicaKey): Progress {
    return {
      key,
      endOffset: offset(0),
      lastFetchAtMs: this.#electedAtMs,
      caughtUpAtMs: this.#electedAtMs,
    }
  }

  #progressOf(key: ReplicaKey, nowMs: number): Progress {
    const known = this.#replicas.find((one) => isSameReplica(one.key, key))
    if (known !== undefined) return known
    const added = this.#unheard(key)
    const kept = this.#replicas.filter(
      (one) => this.#state.voters().has(one.key) || nowMs - one.lastFetchAtMs < observerLifeMs,
    )
    this.#replicas = [...kept, added]
    return added
  }

  /** Until when the fetches so far prove a majority (KIP-595; never over with a single voter, KAFKA-16144). */
  #quorumUntilMs(): number {
    const others = this.#voterProgress().filter((one) => !isSameReplica(one.key, this.#state.local))
    const needed = this.#state.voters().majorityCount() - 1
    if (needed === 0) return Infinity
    const latestFirst = others.map((one) => one.lastFetchAtMs).sort((left, right) => right - left)
    return (latestFirst[needed - 1] ?? this.#electedAtMs) + this.#state.times.fetchTimeoutMs * 1.5
  }

  #announceEveryMs(): number {
    return this.#state.times.fetchTimeoutMs / 2
  }

  /** At once in a new term; later only to a voter that does not fetch. */
  #announceAtMs(one: Announcement): number {
    const progress = this.#replicas.find((candidate) => isSameReplica(candidate.key, one.key))
    if (progress === undefined) return one.dueAtMs
    return Math.max(one.dueAtMs, progress.lastFetchAtMs + this.#announceEveryMs())
  }

  #announce(one: Announcement, nowMs: number): void {
    if (one.requestId !== undefined || nowMs < this.#announceAtMs(one)) return
    const endpoint = this.#state.voters().endpointOf(one.key.nodeId)
    assert(endpoint !== undefined, `voter ${one.key.nodeId} has no endpoint`)
    const leaderEndpoint = this.#state.localEndpoint
    one.requestId = this.#state.send(
      { type: 'node', nodeId: one.key.nodeId, endpoint },
      {
        api: 'begin-quorum-epoch',
        clusterId: this.#state.clusterId,
        voter: one.key,
        leaderId: this.#state.local.nodeId,
        leaderEpoch: this.#state.epoch(),
        ...(leaderEndpoint && { leaderEndpoint }),
      },
    )
  }

  #answer(fetch: {
    readonly requestId: number
    readonly fetchOffset: Offset
    readonly bytesMax: number
  }): void {
    this.#reply(fetch.requestId, { from: fetch.fetchOffset, bytesMax: fetch.bytesMax })
  }

  #reply(
    requestId: number,
    what:
      | { readonly from: Offset; readonly bytesMax: number }
      | { readonly diverging: NonNullable<ReturnType<QuorumState['divergenceOf']>> },
  ): void {
    const upTo = this.#state.logEnd()
    const hasEntries = 'from' in what && what.from < upTo
    this.#state.answer({
      api: 'quorum-fetch',
      requestId,
      leader: this.#state.leaderAnswer(),
      highWatermark: this.#state.highWatermark(),
      logStartOffset: offset(0),
      ...('diverging' in what && { diverging: what.diverging }),
      ...(hasEntries && { read: { from: what.from, upTo, bytesMax: what.bytesMax } }),
    })
  }
}
