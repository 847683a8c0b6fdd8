/** Planted bugs of the quorum core: the classic ways to get Raft wrong (INVARIANTS R1 to R9). */
import { type Mutant } from './mutant.ts'

const core = 'src/core/raft'
const found = { scenario: 'raft', seedCountMax: 200 } as const

/** Each breaks one rule. */
export const raftMutants: readonly Mutant[] = [
  {
    ...found,
    name: 'a voter gives its vote twice in an epoch',
    file: `${core}/requests.ts`,
    find: 'if (votedFor !== undefined) return isSameReplica(votedFor, candidate)',
    replacement:
      'if (votedFor !== undefined) Object.assign(state.election(), { votedFor: undefined })',
  },
  {
    ...found,
    name: 'the epoch is saved, the vote is not',
    file: `${core}/quorum-state.ts`,
    find: '...(save && { save: this.#election })',
    replacement: '...(save && { save: { epoch: this.#election.epoch } })',
  },
  {
    ...found,
    name: 'a new epoch is not saved',
    file: `${core}/quorum-state.ts`,
    find: `this.#election = { epoch }
    this.#mustSave = true`,
    replacement: 'this.#election = { epoch }',
  },
  {
    ...found,
    name: 'a voter does not ask whether the candidate is up to date',
    file: `${core}/requests.ts`,
    find: 'const isUpToDate = state.isUpToDate(request.lastEpoch, request.lastOffset)',
    replacement: 'const isUpToDate = true',
  },
  {
    ...found,
    name: 'the longer log wins, whatever its last epoch',
    file: `${core}/quorum-state.ts`,
    find: 'return lastEpoch > own || (lastEpoch === own && lastOffset >= this.#logEnd)',
    replacement:
      'return lastOffset > this.#logEnd || (lastOffset === this.#logEnd && lastEpoch >= own)',
  },
  {
    ...found,
    name: 'an entry of an older epoch commits by being on a majority',
    file: `${core}/high-watermark.ts`,
    find: 'held === undefined || held <= facts.epochStartOffset',
    replacement: 'held === undefined',
  },
  {
    ...found,
    name: 'the high watermark takes half of the voters for a majority',
    file: `${core}/high-watermark.ts`,
    find: 'ends[Math.floor(ends.length / 2)]',
    replacement: 'ends[Math.max(0, Math.floor(ends.length / 2) - 1)]',
  },
  {
    ...found,
    name: 'the leader counts what it has appended, not what it has synced',
    file: `${core}/roles/leader.ts`,
    find: 'endOffset: this.#state.durableEnd() }',
    replacement: 'endOffset: this.#state.logEnd() }',
  },
  {
    ...found,
    name: 'a follower fetches from an end that is not synced',
    file: `${core}/roles/follower.ts`,
    find: 'if (this.#requestId === undefined && nowMs >= this.#fetchAtMs && this.#state.isSynced()) {',
    replacement: 'if (this.#requestId === undefined && nowMs >= this.#fetchAtMs) {',
  },
  {
    ...found,
    name: 'the leader does not compare the last fetched epoch',
    file: `${core}/quorum-state.ts`,
    find: 'if (end.epoch === lastFetchedEpoch && fetchOffset <= end.endOffset) return undefined',
    replacement: 'if (fetchOffset <= this.#logEnd) return undefined',
  },
  {
    ...found,
    name: 'a follower takes the high watermark of an answer that says that the logs differ',
    file: `${core}/roles/follower.ts`,
    find: 'this.#state.truncateTo(response.diverging)',
    replacement: `this.#state.raiseHighWatermark(response.highWatermark)
      this.#state.truncateTo(response.diverging)`,
  },
  {
    ...found,
    name: 'a voter that lost synced entries votes before it has them again',
    file: `${core}/quorum-state.ts`,
    find: 'return this.isVoter() && !this.#isHalted && !this.isShortOfMark()',
    replacement: 'return this.isVoter() && !this.#isHalted',
  },
  {
    ...found,
    name: 'a late answer counts as a vote for the present epoch',
    file: `${core}/roles/candidate.ts`,
    find: `if (outcome === 'won') return`,
    replacement: `if (outcome !== 'lost') return`,
  },
  {
    ...found,
    name: 'a follower whose log differs cuts it at its high watermark',
    file: `${core}/quorum-state.ts`,
    find: 'const endOffset = offset(agreed)',
    replacement: 'const endOffset = offset(Math.min(agreed, this.#highWatermark))',
  },
  {
    ...found,
    name: 'a follower waits for ever for a leader that does not answer',
    file: `${core}/roles/follower.ts`,
    find: 'if (nowMs >= this.#silentAtMs) {',
    replacement: 'if (nowMs >= this.#silentAtMs && this.#failureCount < 0) {',
  },
  {
    ...found,
    name: 'a voter that asks for pre-votes goes back to its silent leader because another still follows it',
    file: `${core}/raft.ts`,
    find: 'if (role instanceof Prospective && role.gaveUp(leaderId)) return false',
    replacement: '',
  },
]
