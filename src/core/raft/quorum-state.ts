/**
 * What every role of a quorum node shares: who it is, its election state, its log by epochs and
 * offsets, the voters, the high watermark, and the list of things to be done (`Ready`). Roles change
 * it only through the methods here, which keep its invariants.
 *
 * Invariants:
 * - The epoch never decreases; in one epoch the vote is given once.
 * - durableEnd <= logEnd; highWatermark <= logEnd, never decreases, and nothing below it is truncated.
 */
import { assert } from '../../base/assert.ts'
import {
  epoch as epochOf,
  offset,
  type ClusterId,
  type Epoch,
  type NodeId,
  type Offset,
} from '../../base/id.ts'
import { type Random } from '../../base/random.ts'
import { type Endpoint } from '../api/endpoint.ts'
import { type QuorumLeader, type ReplicaKey } from '../api/quorum.ts'
import { EpochHistory, type EpochEntry } from '../record/epoch-history.ts'
import { type ElectionState } from './election-state.ts'
import { type FetchedRun, type RaftRequest } from './event.ts'
import {
  nothingReady,
  type Destination,
  type LogOperation,
  type RaftAnswer,
  type RaftSend,
  type Ready,
} from './ready.ts'
import { isSameReplica, VoterHistory, type VoterSet, type VoterSetEntry } from './voter-set.ts'

/** Times and sizes of the quorum. */
export interface RaftTimes {
  /** How long a follower waits for its leader; a leader resigns after 1.5 times this without a majority. */
  readonly fetchTimeoutMs: number
  /** Least time of an election; each node adds up to the same again. */
  readonly electionTimeoutMs: number
  /** How long a fetch may wait at the leader. */
  readonly fetchWaitMsMax: number
  /** Pause before a request is tried again. */
  readonly retryMs: number
  /** Most bytes of one fetch. */
  readonly fetchBytesMax: number
}

/** Where the log stands when the node starts. */
export interface RaftLog {
  readonly endOffset: Offset
  readonly epochs: readonly EpochEntry[]
  readonly voterSets: readonly VoterSetEntry[]
  /** What was answered for, by the commit mark: a shorter log may not vote. */
  readonly mark?: { readonly epoch: Epoch; readonly endOffset: Offset }
}

/** What a quorum node starts from. */
export interface RaftStart {
  readonly clusterId: ClusterId
  readonly local: ReplicaKey
  /** Where others reach this node's controller listener. */
  readonly localEndpoint?: Endpoint
  readonly saved?: ElectionState
  readonly log: RaftLog
  readonly times: RaftTimes
  readonly random: Random
}

interface PendingWrite {
  readonly number: number
  readonly endOffset: Offset
}

/** The leader that a node follows, or is. */
export interface KnownLeader {
  readonly leaderId: NodeId
  readonly endpoint?: Endpoint
}

/** The shared state. */
export class QuorumState {
  readonly clusterId: ClusterId
  readonly local: ReplicaKey
  readonly localEndpoint: Endpoint | undefined
  readonly times: RaftTimes
  readonly random: Random
  readonly #epochs: EpochHistory
  readonly #voters: VoterHistory
  #election: ElectionState
  #leader: KnownLeader | undefined
  #logEnd: Offset
  #durableEnd: Offset
  #highWatermark = offset(0)
  #mark: RaftLog['mark']
  #isHalted = false
  #isLeaderGone = false
  #pendingWrites: PendingWrite[] = []
  #nextWrite = 1
  #nextRequest = 1
  #log: LogOperation[] = []
  #answers: RaftAnswer[] = []
  #sends: RaftSend[] = []
  #mustSave = false
  #hasCommitted = false

  constructor(start: RaftStart) {
    this.clusterId = start.clusterId
    this.local = start.local
    this.localEndpoint = start.localEndpoint
    this.times = start.times
    this.random = start.random
    this.#epochs = new EpochHistory(start.log.epochs)
    this.#voters = new VoterHistory(start.log.voterSets)
    this.#logEnd = start.log.endOffset
    this.#durableEnd = start.log.endOffset
    this.#mark = start.log.mark
    const lastEpoch = this.lastEpoch()
    // The log may be ahead of the saved state: appends of a new epoch save it before, but an observer's
    // or a repaired node's file may be gone. The larger one is the epoch that this node has seen.
    this.#election =
      start.saved !== undefined && start.saved.epoch >= lastEpoch
        ? start.saved
        : { epoch: lastEpoch }
  }

  /** The highest epoch seen. */
  epoch(): Epoch {
    return this.#election.epoch
  }

  /** Epoch, vote and leader of this epoch as they would be saved. */
  election(): ElectionState {
    return this.#election
  }

  /** The leader of this epoch while this node follows it or is it. */
  leader(): KnownLeader | undefined {
    return this.#leader
  }

  /** The voter set in force. */
  voters(): VoterSet {
    return this.#voters.latest()
  }

  logEnd(): Offset {
    return this.#logEnd
  }

  durableEnd(): Offset {
    return this.#durableEnd
  }

  highWatermark(): Offset {
    return this.#highWatermark
  }

  /** Epoch of the last entry; 0 for an empty log. */
  lastEpoch(): Epoch {
    return this.#epochs.lastEpoch() ?? epochOf(0)
  }

  isHalted(): boolean {
    return this.#isHalted
  }

  /** Whether this node and directory is in the voter set. */
  isVoter(): boolean {
    return this.voters().has(this.local)
  }

  /** Whether it may vote and stand: a voter that still has all that it ever vouched for. */
  mayVote(): boolean {
    return this.isVoter() && !this.#isHalted && !this.isShortOfMark()
  }

  /** True until the synced log has passed what the commit mark said was answered. */
  isShortOfMark(): boolean {
    const mark = this.#mark
    if (mark === undefined) return false
    const lastEpoch =
      this.#durableEnd === 0 ? 0 : (this.#epochs.epochAt(offset(this.#durableEnd - 1)) ?? 0)
    if (lastEpoch < mark.epoch) return true
    if (lastEpoch === mark.epoch && this.#durableEnd < mark.endOffset) return true
    this.#mark = undefined
    return false
  }

  /** Raft §5.4.1: the later last epoch wins, then the longer log. */
  isUpToDate(lastEpoch: Epoch, lastOffset: Offset): boolean {
    const own = this.lastEpoch()
    return lastEpoch > own || (lastEpoch === own && lastOffset >= this.#logEnd)
  }

  /** How far an entry at `fetchOffset` after one of `lastFetchedEpoch` fits this log; absent: it does. */
  divergenceOf(
    fetchOffset: Offset,
    lastFetchedEpoch: Epoch,
  ): { readonly epoch: Epoch; readonly endOffset: Offset } | undefined {
    if (fetchOffset === 0) return undefined
    const end = this.#epochs.endOffsetFor(lastFetchedEpoch, this.#logEnd)
    if (end === undefined) return { epoch: epochOf(0), endOffset: offset(0) }
    if (end.epoch === lastFetchedEpoch && fetchOffset <= end.endOffset) return undefined
    return end
  }

  /** A random time in [from, from + spread). */
  jitterMs(fromMs: number, spreadMs: number): number {
    return fromMs + this.random.next() * spreadMs
  }

  /** An election timeout: one to two times the setting. */
  electionMs(): number {
    return this.jitterMs(this.times.electionTimeoutMs, this.times.electionTimeoutMs)
  }

  /** The leader part of every answer. */
  leaderAnswer(): QuorumLeader {
    const leader = this.#leader
    const endpoint = leader?.endpoint
    return {
      epoch: this.epoch(),
      ...(leader && { leaderId: leader.leaderId }),
      ...(endpoint && { leaderEndpoint: endpoint }),
    }
  }

  /** A higher epoch was seen: no vote in it yet. */
  enterEpoch(epoch: Epoch): void {
    assert(epoch > this.epoch(), `epoch ${epoch} is not above ${this.epoch()}`)
    this.#leader = undefined
    this.#isLeaderGone = false
    this.#election = { epoch }
    this.#mustSave = true
  }

  /** Gives the one vote of this epoch. */
  voteFor(candidate: ReplicaKey): void {
    const { votedFor } = this.#election
    if (votedFor !== undefined) {
      assert(isSameReplica(votedFor, candidate), `a second vote in epoch ${this.epoch()}`)
      return
    }
    this.#election = { ...this.#election, votedFor: { ...candidate } }
    this.#mustSave = true
  }

  /**
   * Learns who leads this epoch. It is saved with the next vote or epoch, not by itself: whoever leads
   * has a majority already, so a restart that forgets this cannot help anybody else to one.
   */
  followLeader(leader: KnownLeader): void {
    const endpoint = leader.endpoint ?? this.voters().endpointOf(leader.leaderId)
    this.#leader = { leaderId: leader.leaderId, ...(endpoint && { endpoint }) }
    this.#isLeaderGone = false
    this.#election = { ...this.#election, leaderId: leader.leaderId }
  }

  /** Nobody is known to lead any more, in the same epoch. */
  loseLeader(): void {
    this.#leader = undefined
  }

  /** The leader of this epoch said itself that it leads no more, or nobody listens at its address. */
  leaderIsGone(): void {
    this.#isLeaderGone = true
  }

  /**
   * Whether hearsay about the leader of this epoch is out of date. A voter then believes only the leader
   * itself; an observer, to whom a leader never speaks first, believes whoever it asks.
   */
  isLeaderGone(): boolean {
    return this.#isLeaderGone && this.mayVote()
  }

  /** Never votes, leads or acknowledges again. */
  halt(): void {
    this.#isHalted = true
  }

  /** Appends this leader's first entry; returns its offset. */
  appendLeaderChange(grantingVoters: readonly ReplicaKey[]): Offset {
    const voters = this.voters().voters.map(({ nodeId, directoryId }) => ({ nodeId, directoryId }))
    this.#epochs.assign(this.epoch(), this.#logEnd)
    const place = this.#append(offset(this.#logEnd + 1))
    this.#log.push({
      type: 'append-leader-change',
      ...place,
      epoch: this.epoch(),
      leaderId: this.local.nodeId,
      voters,
      grantingVoters,
    })
    return place.baseOffset
  }

  /** Appends records that were proposed to this leader. */
  appendProposal(recordCount: number): void {
    assert(recordCount > 0, 'an empty proposal')
    this.#epochs.assign(this.epoch(), this.#logEnd)
    const place = this.#append(offset(this.#logEnd + recordCount))
    this.#log.push({ type: 'append-proposal', ...place, epoch: this.epoch(), recordCount })
  }

  /** Appends what a fetch brought. */
  appendFetched(run: FetchedRun): void {
    assert(run.baseOffset === this.#logEnd, `a run at ${run.baseOffset} at the end ${this.#logEnd}`)
    for (const entry of run.epochs) {
      assert(entry.epoch <= this.epoch(), `an entry of epoch ${entry.epoch} in ${this.epoch()}`)
      this.#epochs.assign(entry.epoch, entry.startOffset)
    }
    this.#voters.append(run.voterSets)
    const place = this.#append(run.endOffset)
    this.#log.push({ type: 'append-fetched', ...place, endOffset: run.endOffset })
  }

  /** Drops the entries that the leader does not have, by its answer to a diverging fetch. */
  truncateTo(diverging: { readonly epoch: Epoch; readonly endOffset: Offset }): void {
    const own = this.#epochs.endOffsetFor(diverging.epoch, this.#logEnd)
    const agreed =
      own?.epoch === diverging.epoch
        ? Math.min(own.endOffset, diverging.endOffset)
        : (own?.endOffset ?? 0)
    const endOffset = offset(agreed)
    assert(
      endOffset >= this.#highWatermark,
      `truncation to ${endOffset} below ${this.#highWatermark}`,
    )
    assert(endOffset < this.#logEnd, `a truncation to ${endOffset} that drops nothing`)
    this.#logEnd = endOffset
    this.#durableEnd = offset(Math.min(this.#durableEnd, endOffset))
    this.#epochs.truncateTo(endOffset)
    this.#voters.truncateTo(endOffset)
    this.#pendingWrites = this.#pendingWrites.map((write) => ({
      number: write.number,
      endOffset: offset(Math.min(write.endOffset, endOffset)),
    }))
    const number = this.#nextWrite++
    this.#pendingWrites.push({ number, endOffset })
    this.#log.push({ type: 'truncate', number, endOffset })
  }

  /** The write with this number, and all before it, are durable. */
  synced(number: number): void {
    const done = this.#pendingWrites.filter((write) => write.number <= number)
    this.#pendingWrites = this.#pendingWrites.filter((write) => write.number > number)
    for (const write of done) this.#durableEnd = offset(Math.max(this.#durableEnd, write.endOffset))
  }

  /** Whether every change of the log so far is durable. */
  isSynced(): boolean {
    return this.#pendingWrites.length === 0
  }

  /** Everything below `to` is committed; what the log does not have yet, or was known, changes nothing. */
  raiseHighWatermark(to: Offset): void {
    const next = Math.min(to, this.#logEnd)
    if (next <= this.#highWatermark) return
    this.#highWatermark = offset(next)
    this.#hasCommitted = true
  }

  /** Sends a request and returns its number. */
  send(to: Destination, request: RaftRequest): number {
    const requestId = this.#nextRequest++
    this.#sends.push({ requestId, to, request })
    return requestId
  }

  answer(answer: RaftAnswer): void {
    this.#answers.push(answer)
  }

  /** Takes what is to be done. */
  takeReady(): Ready {
    const { save, committed } = { save: this.#mustSave, committed: this.#hasCommitted }
    const isIdle = this.#log.length + this.#answers.length + this.#sends.length === 0
    if (isIdle && !save && !committed) return nothingReady
    const ready: Ready = {
      ...(save && { save: this.#election }),
      log: this.#log,
      answers: this.#answers,
      sends: this.#sends,
      ...(committed && { highWatermark: this.#highWatermark }),
    }
    this.#log = []
    this.#answers = []
    this.#sends = []
    this.#mustSave = false
    this.#hasCommitted = false
    return ready
  }

  #append(endOffset: Offset): { readonly number: number; readonly baseOffset: Offset } {
    const number = this.#nextWrite++
    const baseOffset = this.#logEnd
    this.#logEnd = endOffset
    this.#pendingWrites.push({ number, endOffset })
    return { number, baseOffset }
  }
}
