/**
 * No leader is known. A voter waits for its election time; an observer, and a voter that is short of
 * its commit mark, ask whichever quorum node answers who leads.
 */
import { offset } from '../../../base/id.ts'
import { type QuorumState } from '../quorum-state.ts'
import { type Next, type Role } from './role.ts'

/** Waits for a leader or an election. */
export class Unattached implements Role {
  readonly name = 'unattached'
  readonly electionAtMs: number
  readonly #state: QuorumState
  #requestId: number | undefined
  #discoverAtMs = -Infinity

  constructor(state: QuorumState, electionAtMs: number) {
    this.#state = state
    this.electionAtMs = electionAtMs
    state.loseLeader()
  }

  nextDeadlineMs(): number {
    if (this.#state.isHalted()) return Infinity
    if (this.#state.mayVote()) return this.electionAtMs
    return this.#requestId === undefined ? this.#discoverAtMs : Infinity
  }

  act(nowMs: number): Next {
    if (this.#state.isHalted()) return undefined
    if (this.#state.mayVote()) {
      return nowMs >= this.electionAtMs ? { to: 'prospective' } : undefined
    }
    if (this.#requestId === undefined && nowMs >= this.#discoverAtMs) this.#discover(nowMs)
    return undefined
  }

  /** Whoever answers says who leads, which `raft.ts` reads off every answer; here only the next try is timed. */
  answered(requestId: number): Next {
    if (requestId === this.#requestId) this.#requestId = undefined
    return undefined
  }

  unanswered(requestId: number): Next {
    if (requestId === this.#requestId) this.#requestId = undefined
    return undefined
  }

  grantsPreVote(): boolean {
    return true
  }

  /** A fetch at the very start of the log: it cannot diverge, and it waits for nothing. */
  #discover(nowMs: number): void {
    this.#discoverAtMs = nowMs + this.#state.times.retryMs
    this.#requestId = this.#state.send(
      { type: 'bootstrap' },
      {
        api: 'quorum-fetch',
        clusterId: this.#state.clusterId,
        replica: this.#state.local,
        currentEpoch: this.#state.epoch(),
        fetchOffset: offset(0),
        lastFetchedEpoch: this.#state.lastEpoch(),
        highWatermark: offset(0),
        waitMsMax: 0,
        bytesMax: 1,
      },
    )
  }
}
