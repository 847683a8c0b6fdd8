/**
 * Led this epoch, and gave it up: no majority fetched, or it was told to. It names the voters that
 * are furthest, so that the best of them stands at once, and never leads this epoch again.
 */
import { type ReplicaKey } from '../../api/quorum.ts'
import { type QuorumState } from '../quorum-state.ts'
import { type Next, type Role } from './role.ts'

/** Tells the voters that they are without a leader. */
export class Resigned implements Role {
  readonly name = 'resigned'
  readonly #state: QuorumState
  readonly #standsAtMs: number
  readonly #waiting = new Set<number>()

  constructor(state: QuorumState, nowMs: number, successors: readonly ReplicaKey[]) {
    this.#state = state
    // Twice the usual: those who were named go first.
    this.#standsAtMs = nowMs + state.times.electionTimeoutMs + state.electionMs()
    state.loseLeader()
    for (const voter of state.voters().others(state.local)) this.#tell(voter.nodeId, successors)
  }

  nextDeadlineMs(): number {
    return this.#state.isHalted() ? Infinity : this.#standsAtMs
  }

  act(nowMs: number): Next {
    if (this.#state.isHalted() || nowMs < this.#standsAtMs) return undefined
    return { to: 'unattached', electionAtMs: nowMs }
  }

  answered(requestId: number): Next {
    this.#waiting.delete(requestId)
    return undefined
  }

  unanswered(requestId: number): Next {
    this.#waiting.delete(requestId)
    return undefined
  }

  grantsPreVote(): boolean {
    return true
  }

  /** Whether some voter has yet to say that it heard. */
  isTelling(): boolean {
    return this.#waiting.size > 0
  }

  #tell(nodeId: ReplicaKey['nodeId'], successors: readonly ReplicaKey[]): void {
    const endpoint = this.#state.voters().endpointOf(nodeId)
    if (endpoint === undefined) return
    const requestId = this.#state.send(
      { type: 'node', nodeId, endpoint },
      {
        api: 'end-quorum-epoch',
        clusterId: this.#state.clusterId,
        leaderId: this.#state.local.nodeId,
        leaderEpoch: this.#state.epoch(),
        preferredSuccessors: successors,
      },
    )
    this.#waiting.add(requestId)
  }
}
