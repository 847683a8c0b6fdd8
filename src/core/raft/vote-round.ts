/** One round of votes: who was asked, who granted, who refused. Pre-votes and votes differ in a flag only. */
import { type VoteResponse, type ReplicaKey } from '../api/quorum.ts'
import { type VoterAddress } from '../record/control-record.ts'
import { type QuorumState } from './quorum-state.ts'

interface Ballot {
  readonly voter: VoterAddress
  answer: 'none' | 'granted' | 'refused'
  requestId: number | undefined
  retryAtMs: number
}

/** The votes of one round; the node's own is granted from the start. */
export class VoteRound {
  readonly #state: QuorumState
  readonly #isPreVote: boolean
  readonly #ballots: readonly Ballot[]

  constructor(state: QuorumState, isPreVote: boolean) {
    this.#state = state
    this.#isPreVote = isPreVote
    this.#ballots = state
      .voters()
      .others(state.local)
      .map((voter) => ({
        voter,
        answer: 'none',
        requestId: undefined,
        retryAtMs: voter.endpoints.length > 0 ? -Infinity : Infinity,
      }))
  }

  /** Won with a majority of grants, lost when no majority is possible any more. */
  outcome(): 'won' | 'lost' | undefined {
    const majority = this.#state.voters().majorityCount()
    const count = (answer: Ballot['answer']): number =>
      this.#ballots.filter((ballot) => ballot.answer === answer).length
    if (1 + count('granted') >= majority) return 'won'
    return this.#ballots.length + 1 - count('refused') < majority ? 'lost' : undefined
  }

  /** Who voted for this node, itself included. */
  granting(): readonly ReplicaKey[] {
    const granted = this.#ballots.filter((ballot) => ballot.answer === 'granted')
    return [
      this.#state.local,
      ...granted.map(({ voter }) => ({ nodeId: voter.nodeId, directoryId: voter.directoryId })),
    ]
  }

  /** When somebody is to be asked again. */
  nextDeadlineMs(): number {
    return this.#ballots
      .filter((ballot) => ballot.answer === 'none' && ballot.requestId === undefined)
      .reduce((least, ballot) => Math.min(least, ballot.retryAtMs), Infinity)
  }

  /** Asks those that have not answered and are not being asked. */
  ask(nowMs: number): void {
    for (const ballot of this.#ballots) {
      const endpoint = ballot.voter.endpoints[0]
      const isDue = ballot.requestId === undefined && ballot.retryAtMs <= nowMs
      if (ballot.answer !== 'none' || !isDue || endpoint === undefined) continue
      const { nodeId, directoryId } = ballot.voter
      ballot.requestId = this.#state.send(
        { type: 'node', nodeId, endpoint },
        {
          api: 'vote',
          clusterId: this.#state.clusterId,
          candidate: this.#state.local,
          voter: { nodeId, directoryId },
          epoch: this.#state.epoch(),
          lastEpoch: this.#state.lastEpoch(),
          lastOffset: this.#state.logEnd(),
          isPreVote: this.#isPreVote,
        },
      )
    }
  }

  /** Counts an answer; one to a request that is not of this round counts nothing. */
  answered(requestId: number, response: VoteResponse): void {
    const ballot = this.#ballots.find((one) => one.requestId === requestId)
    if (ballot === undefined || ballot.answer !== 'none') return
    const isOfThisEpoch = response.leader.epoch === this.#state.epoch()
    ballot.answer = response.isGranted && isOfThisEpoch ? 'granted' : 'refused'
  }

  /** Nobody answered: asked again after a pause. */
  unanswered(requestId: number, nowMs: number): void {
    const ballot = this.#ballots.find((one) => one.requestId === requestId)
    if (ballot === undefined || ballot.answer !== 'none') return
    ballot.requestId = undefined
    ballot.retryAtMs = nowMs + this.#state.times.retryMs
  }
}
