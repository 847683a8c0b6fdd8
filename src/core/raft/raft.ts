/**
 * The metadata quorum's core: pull-based Raft (KIP-595) with pre-vote (KIP-996), voters by node and
 * directory id (KIP-853) and a known high watermark in fetches (KIP-1166). A pure machine: an event
 * and the time in, `Ready` out. It holds epochs, offsets, voters and fetch positions; never bytes.
 * `engine/quorum` performs what it returns; `sim/raft` does the same under a seed.
 */
import { unreachable } from '../../base/assert.ts'
import { offset, type Epoch, type NodeId, type Offset } from '../../base/id.ts'
import { type QuorumLeader, type QuorumReplica } from '../api/quorum.ts'
import { type RaftEvent } from './event.ts'
import { QuorumState, type RaftStart } from './quorum-state.ts'
import { type Ready } from './ready.ts'
import { answerRequest } from './requests.ts'
import { Candidate } from './roles/candidate.ts'
import { Follower } from './roles/follower.ts'
import { Leader } from './roles/leader.ts'
import { Prospective } from './roles/prospective.ts'
import { Resigned } from './roles/resigned.ts'
import { type Next, type Role, type RoleName } from './roles/role.ts'
import { Unattached } from './roles/unattached.ts'

/** What an operator or the driver may ask about a node. */
export interface RaftStatus {
  readonly role: RoleName
  readonly leader: QuorumLeader
  readonly isVoter: boolean
  /** Of the voter set in force; 0 before the log names one. */
  readonly voterCount: number
  readonly logEndOffset: Offset
  readonly durableEndOffset: Offset
  readonly highWatermark: Offset
}

/** One node of the quorum. */
export class Raft {
  readonly #state: QuorumState
  #role: Role

  /** Starts without a leader. The first `tick` is due at once. */
  constructor(start: RaftStart, nowMs: number) {
    this.#state = new QuorumState(start)
    // Early, because a pre-vote disturbs nobody: whoever has a leader says so.
    const spreadMs = start.times.electionTimeoutMs / 2
    const isAlone = this.#state.voters().voters.length === 1
    const electionAtMs = isAlone ? nowMs : nowMs + this.#state.jitterMs(0, spreadMs)
    this.#role = new Unattached(this.#state, electionAtMs)
  }

  /** Does one event. */
  step(event: RaftEvent, nowMs: number): Ready {
    if (!this.#state.isHalted()) this.#dispatch(event, nowMs)
    else if (event.type === 'request') answerRequest(this.#state, this.#role, event, nowMs)
    this.#enter(this.#role.act(nowMs), nowMs)
    return this.#state.takeReady()
  }

  /** When `tick` is due next; `Infinity`: only another event can change anything. */
  nextDeadlineMs(): number {
    return this.#role.nextDeadlineMs()
  }

  /** The node as it is now. */
  status(): RaftStatus {
    return {
      role: this.#role.name,
      leader: this.#state.leaderAnswer(),
      isVoter: this.#state.isVoter(),
      voterCount: this.#state.voters().voters.length,
      logEndOffset: this.#state.logEnd(),
      durableEndOffset: this.#state.durableEnd(),
      highWatermark: this.#state.highWatermark(),
    }
  }

  /** Whether it leads this epoch. */
  leads(epoch: Epoch): boolean {
    return this.#role instanceof Leader && this.#state.epoch() === epoch
  }

  /** Set once this leader's LeaderChange is committed: from then on it may decide. */
  activeSince(): { readonly epoch: Epoch; readonly offset: Offset } | undefined {
    if (!(this.#role instanceof Leader)) return undefined
    const start = this.#role.epochStartOffset
    const isCommitted = this.#state.highWatermark() > start
    return isCommitted ? { epoch: this.#state.epoch(), offset: offset(start + 1) } : undefined
  }

  /** True while it tells the voters that it gave up its leadership. */
  isResigning(): boolean {
    return this.#role instanceof Resigned && this.#role.isTelling()
  }

  /** True after `halt`. */
  isHalted(): boolean {
    return this.#state.isHalted()
  }

  /** True for a voter that must first fetch past its commit mark. */
  isShortOfMark(): boolean {
    return this.#state.isShortOfMark()
  }

  /** The replicas as this leader sees them; absent where it does not lead. */
  describe(nowMs: number):
    | {
        readonly voters: readonly QuorumReplica[]
        readonly observers: readonly QuorumReplica[]
      }
    | undefined {
    return this.#role instanceof Leader ? this.#role.describe(nowMs) : undefined
  }

  #dispatch(event: RaftEvent, nowMs: number): void {
    switch (event.type) {
      case 'tick':
        return
      case 'request':
        this.#enter(answerRequest(this.#state, this.#role, event, nowMs), nowMs)
        // A role that was entered by the request may be what answers it.
        return
      case 'response':
        this.#hear(event.response.leader, nowMs)
        this.#enter(this.#role.answered(event.requestId, event.response, nowMs), nowMs)
        return
      case 'no-answer':
        this.#enter(this.#role.unanswered(event.requestId, event.isRefused, nowMs), nowMs)
        return
      case 'propose':
        if (this.leads(event.epoch)) this.#state.appendProposal(event.recordCount)
        return
      case 'synced':
        this.#state.synced(event.number)
        return
      case 'resign':
        if (this.#role instanceof Leader) this.#enter(this.#role.resign(), nowMs)
        return
      case 'halt':
        this.#halt(nowMs)
        return
      default:
        unreachable(event)
    }
  }

  /** Every answer says who leads in which epoch, as its sender knows. */
  #hear(heard: QuorumLeader, nowMs: number): void {
    const { epoch, leaderId } = heard
    const isNewer = epoch > this.#state.epoch()
    if (epoch < this.#state.epoch() || leaderId === this.#state.local.nodeId) return
    if (leaderId !== undefined) {
      if (!isNewer && !this.#isNews(leaderId)) return
      if (isNewer) this.#state.enterEpoch(epoch)
      const endpoint = heard.leaderEndpoint
      this.#enter({ to: 'follower', leader: { leaderId, ...(endpoint && { endpoint }) } }, nowMs)
      return
    }
    // An epoch without a leader is news for voters only: an observer waits for who wins.
    if (isNewer && this.#state.isVoter()) {
      this.#state.enterEpoch(epoch)
      this.#enter({ to: 'unattached', electionAtMs: this.#electionAtMs(nowMs) }, nowMs)
    }
  }

  /** Whether it is worth anything to hear who leads the present epoch. */
  #isNews(leaderId: NodeId): boolean {
    const role = this.#role
    if (role instanceof Follower || role instanceof Leader || role instanceof Resigned) return false
    if (role instanceof Prospective && role.gaveUp(leaderId)) return false
    return !this.#state.isLeaderGone()
  }

  /** A higher epoch does not make a node wait longer than it would have: else one restless node could hold up all. */
  #electionAtMs(nowMs: number): number {
    const byDefaultMs = nowMs + this.#state.electionMs()
    return this.#role instanceof Unattached
      ? Math.min(this.#role.electionAtMs, byDefaultMs)
      : byDefaultMs
  }

  #halt(nowMs: number): void {
    const next = this.#role instanceof Leader ? this.#role.resign() : undefined
    this.#state.halt()
    this.#enter(next ?? { to: 'unattached', electionAtMs: Infinity }, nowMs)
  }

  #enter(first: Next, nowMs: number): void {
    let next = first
    while (next !== undefined) {
      const former = this.#role
      const formerLeader = former instanceof Follower ? this.#state.leader() : undefined
      this.#role = this.#make(next, nowMs, formerLeader)
      if (former instanceof Leader) former.releaseParked()
      next = this.#role.act(nowMs)
    }
  }

  #make(
    next: NonNullable<Next>,
    nowMs: number,
    formerLeader: ReturnType<QuorumState['leader']>,
  ): Role {
    switch (next.to) {
      case 'unattached':
        return new Unattached(this.#state, next.electionAtMs)
      case 'prospective':
        return new Prospective(this.#state, nowMs, formerLeader)
      case 'candidate':
        return new Candidate(this.#state, nowMs)
      case 'leader':
        return new Leader(this.#state, nowMs, next.grantingVoters)
      case 'follower':
        return new Follower(this.#state, nowMs, next.leader)
      case 'resigned':
        return new Resigned(this.#state, nowMs, next.successors)
      default:
        return unreachable(next)
    }
  }
}
