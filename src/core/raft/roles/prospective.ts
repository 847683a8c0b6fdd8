/**
 * Asks whether an election could be won, without raising the epoch (KIP-996): a node that was cut off
 * and comes back disturbs nobody. Lost or late, it goes back to the leader that it knew, unless that
 * one is known to be gone.
 */
import { type NodeId } from '../../../base/id.ts'
import { type RaftResponse } from '../event.ts'
import { type KnownLeader, type QuorumState } from '../quorum-state.ts'
import { VoteRound } from '../vote-round.ts'
import { type Next, type Role } from './role.ts'

/** Collects pre-votes. */
export class Prospective implements Role {
  readonly name = 'prospective'
  readonly #state: QuorumState
  readonly #round: VoteRound
  readonly #endsAtMs: number
  readonly #formerLeader: KnownLeader | undefined

  /** `formerLeader`: whom to follow again when the round is lost. */
  constructor(state: QuorumState, nowMs: number, formerLeader: KnownLeader | undefined) {
    this.#state = state
    this.#round = new VoteRound(state, true)
    this.#endsAtMs = nowMs + state.electionMs()
    this.#formerLeader = formerLeader
    state.loseLeader()
  }

  nextDeadlineMs(): number {
    return Math.min(this.#endsAtMs, this.#round.nextDeadlineMs())
  }

  act(nowMs: number): Next {
    const outcome = this.#round.outcome()
    if (outcome === 'won') return { to: 'candidate' }
    if (outcome === 'lost' || nowMs >= this.#endsAtMs) return this.#giveUp(nowMs)
    this.#round.ask(nowMs)
    return undefined
  }

  answered(requestId: number, response: RaftResponse): Next {
    if (response.api === 'vote') this.#round.answered(requestId, response)
    return undefined
  }

  unanswered(requestId: number, _isRefused: boolean, nowMs: number): Next {
    this.#round.unanswered(requestId, nowMs)
    return undefined
  }

  grantsPreVote(): boolean {
    return true
  }

  /** Whether it gave this leader up already: that others still follow it is no news, their votes are. */
  gaveUp(leaderId: NodeId): boolean {
    return this.#formerLeader?.leaderId === leaderId
  }

  #giveUp(nowMs: number): Next {
    if (this.#formerLeader !== undefined) return { to: 'follower', leader: this.#formerLeader }
    const electionMs = this.#state.times.electionTimeoutMs
    return {
      to: 'unattached',
      electionAtMs: nowMs + this.#state.jitterMs(electionMs / 10, electionMs / 2),
    }
  }
}
