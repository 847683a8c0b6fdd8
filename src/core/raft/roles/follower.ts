/**
 * Pulls from the leader: one fetch at a time, always from the synced end of the log, so that the fetch
 * position is the acknowledgement. Voters and observers alike; only a voter stands when the leader is
 * silent for the fetch timeout, or sooner when nobody listens at its address any more.
 */
import { type Offset } from '../../../base/id.ts'
import { type ErrorCode } from '../../api/error-code.ts'
import { type FetchAnswer, type RaftResponse } from '../event.ts'
import { type KnownLeader, type QuorumState } from '../quorum-state.ts'
import { type Next, type Role } from './role.ts'

/** Refused connections, this many and this far apart, are evidence that the leader's process is gone. */
const refusedCountMax = 2
const refusedPauseMs = 100

/** Follows one leader. */
export class Follower implements Role {
  readonly name = 'follower'
  readonly #state: QuorumState
  /** Spread over nodes, so that they do not all stand at once. */
  readonly #timeoutMs: number
  #silentAtMs: number
  #requestId: number | undefined
  #fetchOffset: Offset | undefined
  #fetchAtMs = -Infinity
  #failureCount = 0
  #refusedCount = 0
  #hasFetched = false

  constructor(state: QuorumState, nowMs: number, leader: KnownLeader) {
    this.#state = state
    state.followLeader(leader)
    this.#timeoutMs = state.jitterMs(state.times.fetchTimeoutMs, state.times.fetchTimeoutMs / 4)
    this.#silentAtMs = nowMs + this.#timeoutMs
  }

  nextDeadlineMs(): number {
    const mayFetch = this.#requestId === undefined && this.#state.isSynced()
    return Math.min(this.#silentAtMs, mayFetch ? this.#fetchAtMs : Infinity)
  }

  act(nowMs: number): Next {
    if (nowMs >= this.#silentAtMs) {
      return this.#state.mayVote()
        ? { to: 'prospective' }
        : { to: 'unattached', electionAtMs: nowMs }
    }
    // Only what is synced is fetched behind: an unsynced end would acknowledge what a crash takes back.
    if (this.#requestId === undefined && nowMs >= this.#fetchAtMs && this.#state.isSynced()) {
      this.#fetch()
    }
    return undefined
  }

  answered(requestId: number, response: RaftResponse, nowMs: number): Next {
    if (requestId !== this.#requestId || response.api !== 'quorum-fetch') return undefined
    this.#requestId = undefined
    if (response.error !== undefined) return this.#refused(response.error, nowMs)
    this.#take(response)
    this.#silentAtMs = nowMs + this.#timeoutMs
    this.#failureCount = 0
    this.#refusedCount = 0
    this.#hasFetched = true
    return undefined
  }

  unanswered(requestId: number, isRefused: boolean, nowMs: number): Next {
    if (requestId !== this.#requestId) return undefined
    this.#requestId = undefined
    this.#failureCount += 1
    if (!isRefused) {
      // The first loss is tried again at once: a killed leader then refuses, which is evidence.
      this.#fetchAtMs = this.#failureCount === 1 ? nowMs : nowMs + this.#state.times.retryMs
      return undefined
    }
    this.#refusedCount += 1
    this.#fetchAtMs = nowMs + refusedPauseMs
    if (this.#refusedCount < refusedCountMax) return undefined
    this.#state.leaderIsGone()
    const spreadMs = this.#state.times.electionTimeoutMs / 5
    return { to: 'unattached', electionAtMs: nowMs + this.#state.jitterMs(0, spreadMs) }
  }

  /** Pitfall: a follower that has not yet heard from its leader, or heard a refusal, protects nobody. */
  grantsPreVote(): boolean {
    return !this.#hasFetched || this.#refusedCount > 0
  }

  /** The leader spoke up (BeginQuorumEpoch): no need to wait out a pause. */
  hurry(nowMs: number): void {
    this.#fetchAtMs = Math.min(this.#fetchAtMs, nowMs)
  }

  #fetch(): void {
    const { times } = this.#state
    const endpoint = this.#state.leader()?.endpoint
    const leaderId = this.#state.leader()?.leaderId
    if (endpoint === undefined || leaderId === undefined) {
      this.#fetchAtMs = Infinity
      return
    }
    this.#fetchOffset = this.#state.logEnd()
    this.#requestId = this.#state.send(
      { type: 'node', nodeId: leaderId, endpoint },
      {
        api: 'quorum-fetch',
        clusterId: this.#state.clusterId,
        replica: this.#state.local,
        currentEpoch: this.#state.epoch(),
        fetchOffset: this.#fetchOffset,
        lastFetchedEpoch: this.#state.lastEpoch(),
        highWatermark: this.#state.highWatermark(),
        waitMsMax: times.fetchWaitMsMax,
        bytesMax: times.fetchBytesMax,
      },
    )
  }

  #take(response: FetchAnswer): void {
    if (response.diverging !== undefined) {
      // The high watermark of this answer says nothing yet: the log may still differ below it.
      this.#state.truncateTo(response.diverging)
      return
    }
    const run = response.run
    if (run !== undefined && run.baseOffset === this.#fetchOffset) this.#state.appendFetched(run)
    this.#state.raiseHighWatermark(response.highWatermark)
  }

  #refused(error: ErrorCode, nowMs: number): Next {
    if (error === 'NOT_LEADER_OR_FOLLOWER') {
      // It has resigned, or restarted, in this very epoch: nobody leads it any more.
      this.#state.leaderIsGone()
      const { electionTimeoutMs } = this.#state.times
      const pauseMs = this.#state.jitterMs(electionTimeoutMs / 10, electionTimeoutMs / 2)
      return { to: 'unattached', electionAtMs: nowMs + pauseMs }
    }
    this.#failureCount += 1
    this.#fetchAtMs = nowMs + this.#state.times.retryMs
    return undefined
  }
}
