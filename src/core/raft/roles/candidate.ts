/** Stands in a new epoch, with its own vote saved before anybody is asked. */
import { epoch as epochOf } from '../../../base/id.ts'
import { type RaftResponse } from '../event.ts'
import { type QuorumState } from '../quorum-state.ts'
import { VoteRound } from '../vote-round.ts'
import { type Next, type Role } from './role.ts'

/** Collects votes. */
export class Candidate implements Role {
  readonly name = 'candidate'
  readonly #state: QuorumState
  readonly #round: VoteRound
  #endsAtMs: number
  #isLost = false

  constructor(state: QuorumState, nowMs: number) {
    this.#state = state
    state.enterEpoch(epochOf(state.epoch() + 1))
    state.voteFor(state.local)
    this.#round = new VoteRound(state, false)
    this.#endsAtMs = nowMs + state.electionMs()
  }

  nextDeadlineMs(): number {
    return this.#isLost ? this.#endsAtMs : Math.min(this.#endsAtMs, this.#round.nextDeadlineMs())
  }

  act(nowMs: number): Next {
    const outcome = this.#round.outcome()
    if (outcome === 'won') return { to: 'leader', grantingVoters: this.#round.granting() }
    if (outcome === 'lost' && !this.#isLost) {
      // Two stood at once. A short random pause decides who is first the next time.
      this.#isLost = true
      const pauseMs = this.#state.jitterMs(0, this.#state.times.electionTimeoutMs / 2)
      this.#endsAtMs = Math.min(this.#endsAtMs, nowMs + pauseMs)
    }
    if (nowMs >= this.#endsAtMs) return { to: 'prospective' }
    if (!this.#isLost) this.#round.ask(nowMs)
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
}
