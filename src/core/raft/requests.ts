/**
 * What a quorum node does with a request of another: checks whom it is for, learns of a higher epoch,
 * answers, and says which role follows. The order matters: the epoch first, then the decision, so
 * that the answer tells the state that the decision was made in.
 */
import { unreachable } from '../../base/assert.ts'
import { offset, type Epoch } from '../../base/id.ts'
import type * as api from '../api/quorum.ts'
import { type ErrorCode } from '../api/error-code.ts'
import { type RaftRequest } from './event.ts'
import { type QuorumState } from './quorum-state.ts'
import { Follower } from './roles/follower.ts'
import { Leader } from './roles/leader.ts'
import { type Next, type Role } from './roles/role.ts'
import { Unattached } from './roles/unattached.ts'
import { isSameReplica } from './voter-set.ts'

interface Incoming<R> {
  readonly requestId: number
  readonly request: R
}

/** Answers a request, and returns the role that follows from it. */
export function answerRequest(
  state: QuorumState,
  role: Role,
  incoming: Incoming<RaftRequest>,
  nowMs: number,
): Next {
  const { requestId, request } = incoming
  const error = refusalOf(state, request)
  if (error !== undefined) {
    refuse(state, incoming, error)
    return undefined
  }
  switch (request.api) {
    case 'vote':
      return vote(state, role, { requestId, request }, nowMs)
    case 'begin-quorum-epoch':
      return beginEpoch(state, role, { requestId, request }, nowMs)
    case 'end-quorum-epoch':
      return endEpoch(state, role, { requestId, request }, nowMs)
    case 'quorum-fetch':
      fetch(state, role, { requestId, request }, nowMs)
      return undefined
    default:
      return unreachable(request)
  }
}

/** Reasons that hold whatever the epoch. */
function refusalOf(state: QuorumState, request: RaftRequest): ErrorCode | undefined {
  if (state.isHalted()) return 'KAFKA_STORAGE_ERROR'
  if (request.clusterId !== state.clusterId) return 'INCONSISTENT_CLUSTER_ID'
  const isForAnother = 'voter' in request && !isSameReplica(request.voter, state.local)
  return isForAnother ? 'INCONSISTENT_VOTER_SET' : undefined
}

function refuse(state: QuorumState, incoming: Incoming<RaftRequest>, error: ErrorCode): void {
  const { requestId, request } = incoming
  const leader = state.leaderAnswer()
  switch (request.api) {
    case 'vote':
      state.answer({ api: 'vote', requestId, error, leader, isGranted: false })
      return
    case 'quorum-fetch':
      state.answer({
        api: 'quorum-fetch',
        requestId,
        error,
        leader,
        highWatermark: state.highWatermark(),
        logStartOffset: offset(0),
      })
      return
    default:
      state.answer({ api: request.api, requestId, error, leader })
  }
}

/** Where a node waits that has just seen a higher epoch: no longer than it would have before. */
function waiting(state: QuorumState, role: Role, nowMs: number): Next {
  const byDefaultMs = nowMs + state.electionMs()
  const electionAtMs =
    role instanceof Unattached ? Math.min(role.electionAtMs, byDefaultMs) : byDefaultMs
  return { to: 'unattached', electionAtMs }
}

function vote(
  state: QuorumState,
  role: Role,
  { requestId, request }: Incoming<api.VoteRequest & { readonly api: 'vote' }>,
  nowMs: number,
): Next {
  if (request.epoch < state.epoch()) {
    refuse(state, { requestId, request }, 'FENCED_LEADER_EPOCH')
    return undefined
  }
  let next: Next
  const isNewEpoch = request.epoch > state.epoch()
  if (isNewEpoch) {
    state.enterEpoch(request.epoch)
    next = waiting(state, role, nowMs)
  }
  const isUpToDate = state.isUpToDate(request.lastEpoch, request.lastOffset)
  const isGranted =
    state.mayVote() &&
    isUpToDate &&
    (request.isPreVote
      ? isNewEpoch || role.grantsPreVote()
      : mayGrant(state, role, isNewEpoch, request.candidate))
  if (isGranted && !request.isPreVote) {
    state.voteFor(request.candidate)
    next = { to: 'unattached', electionAtMs: nowMs + state.electionMs() }
  }
  state.answer({ api: 'vote', requestId, leader: state.leaderAnswer(), isGranted })
  return next
}

/** One vote an epoch, and none in an epoch that has a leader already. */
function mayGrant(
  state: QuorumState,
  role: Role,
  isNewEpoch: boolean,
  candidate: api.ReplicaKey,
): boolean {
  const { votedFor, leaderId } = state.election()
  if (votedFor !== undefined) return isSameReplica(votedFor, candidate)
  if (leaderId !== undefined) return false
  return isNewEpoch || role.name === 'unattached' || role.name === 'prospective'
}

function beginEpoch(
  state: QuorumState,
  role: Role,
  {
    requestId,
    request,
  }: Incoming<api.BeginQuorumEpochRequest & { readonly api: 'begin-quorum-epoch' }>,
  nowMs: number,
): Next {
  const { leaderEpoch, leaderId } = request
  const error = epochError(state, leaderEpoch)
  const own = state.election().leaderId
  const hasOther = leaderEpoch === state.epoch() && own !== undefined && own !== leaderId
  if (error !== undefined || hasOther || leaderId === state.local.nodeId) {
    refuse(state, { requestId, request }, error ?? 'INVALID_REQUEST')
    return undefined
  }
  if (leaderEpoch > state.epoch()) state.enterEpoch(leaderEpoch)
  const isFollowing = role instanceof Follower && state.leader()?.leaderId === leaderId
  const endpoint = request.leaderEndpoint
  const leader = { leaderId, ...(endpoint && { endpoint }) }
  if (isFollowing) {
    state.followLeader(leader)
    role.hurry(nowMs)
  }
  const answered = { epoch: state.epoch(), leaderId, ...(endpoint && { leaderEndpoint: endpoint }) }
  state.answer({ api: 'begin-quorum-epoch', requestId, leader: answered })
  return isFollowing ? undefined : { to: 'follower', leader }
}

function endEpoch(
  state: QuorumState,
  role: Role,
  {
    requestId,
    request,
  }: Incoming<api.EndQuorumEpochRequest & { readonly api: 'end-quorum-epoch' }>,
  nowMs: number,
): Next {
  const error = epochError(state, request.leaderEpoch)
  if (error !== undefined) {
    refuse(state, { requestId, request }, error)
    return undefined
  }
  if (request.leaderEpoch > state.epoch()) state.enterEpoch(request.leaderEpoch)
  state.leaderIsGone()
  const isConcerned = role instanceof Follower || role instanceof Unattached
  const next: Next = isConcerned
    ? { to: 'unattached', electionAtMs: nowMs + successionMs(state, request) }
    : undefined
  const leader = { epoch: state.epoch() }
  state.answer({ api: 'end-quorum-epoch', requestId, leader })
  return next
}

/** The first successor stands at once, the others behind it one after the other. */
function successionMs(state: QuorumState, request: api.EndQuorumEpochRequest): number {
  const rank = request.preferredSuccessors.findIndex((one) => isSameReplica(one, state.local))
  if (rank === 0) return 0
  const stepMs = state.times.electionTimeoutMs / 2
  const steps = rank < 0 ? request.preferredSuccessors.length : rank
  return state.jitterMs(steps * stepMs, stepMs)
}

function fetch(
  state: QuorumState,
  role: Role,
  { requestId, request }: Incoming<api.QuorumFetchRequest & { readonly api: 'quorum-fetch' }>,
  nowMs: number,
): void {
  const error = epochError(state, request.currentEpoch)
  if (!(role instanceof Leader)) {
    refuse(state, { requestId, request }, error ?? 'NOT_LEADER_OR_FOLLOWER')
  } else if (request.currentEpoch > state.epoch()) {
    refuse(state, { requestId, request }, 'UNKNOWN_LEADER_EPOCH')
  } else if (error !== undefined) {
    refuse(state, { requestId, request }, error)
  } else {
    role.fetch(requestId, request, nowMs)
  }
}

function epochError(state: QuorumState, epoch: Epoch): ErrorCode | undefined {
  return epoch < state.epoch() ? 'FENCED_LEADER_EPOCH' : undefined
}
