/** Builds one core for the unit tests: three voters, times that are easy to add up, no chance. */
import {
  clusterId,
  directoryId,
  epoch,
  nodeId,
  offset,
  type Epoch,
  type Offset,
} from '../../../../src/base/id.ts'
import { type Random } from '../../../../src/base/random.ts'
import { type QuorumFetchRequest, type ReplicaKey } from '../../../../src/core/api/quorum.ts'
import { type RaftRequest } from '../../../../src/core/raft/event.ts'
import { Raft } from '../../../../src/core/raft/raft.ts'
import { type RaftStart } from '../../../../src/core/raft/quorum-state.ts'
import { mergeReady, nothingReady, type Ready } from '../../../../src/core/raft/ready.ts'
import { VoterSet } from '../../../../src/core/raft/voter-set.ts'

const cluster = clusterId('unitunitunitunitunitun')

/** Key of the replica of this node id. */
export function key(id: number): ReplicaKey {
  return { nodeId: nodeId(id), directoryId: directoryId(String(id).padStart(22, '0')) }
}

/** A set of the voters 1 to `count`. */
export function votersUpTo(count: number): VoterSet {
  return new VoterSet(
    Array.from({ length: count }, (_, index) => ({
      ...key(index + 1),
      endpoints: [{ listener: 'CONTROLLER', host: `node${index + 1}`, port: 7093 }],
    })),
  )
}

/** Chance that always lies in the middle: an election time is 750 ms, the first one 125 ms. */
const middle: Random = { next: () => 0.5, below: () => 0, chance: () => false, fork: () => middle }

/** A node that starts at time 0 with the bootstrap record only. */
export function startNode(
  id: number,
  changes: Partial<RaftStart> & { readonly voterCount?: number } = {},
): Raft {
  const { voterCount = 3, ...start } = changes
  return new Raft(
    {
      clusterId: cluster,
      local: key(id),
      log: {
        endOffset: offset(1),
        epochs: [{ epoch: epoch(0), startOffset: offset(0) }],
        voterSets: [{ offset: offset(0), voters: votersUpTo(voterCount) }],
      },
      times: {
        fetchTimeoutMs: 1000,
        electionTimeoutMs: 500,
        fetchWaitMsMax: 300,
        retryMs: 50,
        fetchBytesMax: 1000,
      },
      random: middle,
      ...start,
    },
    0,
  )
}

/** A vote request of a candidate with this log. */
export function voteRequest(what: {
  readonly from: number
  readonly to: number
  readonly epoch: number
  readonly last: readonly [epoch: number, offset: number]
  readonly isPreVote?: boolean
}): RaftRequest {
  return {
    api: 'vote',
    clusterId: cluster,
    candidate: key(what.from),
    voter: key(what.to),
    epoch: epoch(what.epoch),
    lastEpoch: epoch(what.last[0]),
    lastOffset: offset(what.last[1]),
    isPreVote: what.isPreVote ?? false,
  }
}

/** A fetch of a replica that stands behind an entry of `lastEpoch`. */
export function fetchRequest(
  what: { readonly from: number; readonly at: number; readonly epoch: number } & Partial<
    Pick<QuorumFetchRequest, 'waitMsMax'>
  > & { readonly lastEpoch?: number; readonly highWatermark?: number },
): RaftRequest {
  return {
    api: 'quorum-fetch',
    clusterId: cluster,
    replica: key(what.from),
    currentEpoch: epoch(what.epoch),
    fetchOffset: offset(what.at),
    lastFetchedEpoch: epoch(what.lastEpoch ?? what.epoch),
    highWatermark: offset(what.highWatermark ?? 0),
    waitMsMax: what.waitMsMax ?? 300,
    bytesMax: 1000,
  }
}

/** Steps a request and gives the answer that came at once, if any. */
export function ask(
  raft: Raft,
  request: RaftRequest,
  nowMs: number,
): Ready['answers'][number] | undefined {
  return raft.step({ type: 'request', requestId: 1, request }, nowMs).answers[0]
}

/** Makes the node the leader of epoch 1 at 127 ms; its LeaderChange, at offset 1, is synced. */
export function elect(raft: Raft): void {
  const grantAll = (asked: Ready, sent: number, nowMs: number): Ready => {
    const response = { api: 'vote' as const, leader: { epoch: epoch(sent) }, isGranted: true }
    const granted = asked.sends.map(({ requestId }) =>
      raft.step({ type: 'response', requestId, response }, nowMs),
    )
    return granted.reduce(mergeReady, nothingReady)
  }
  const votes = grantAll(raft.step({ type: 'tick' }, 125), 0, 126)
  grantAll(votes, 1, 127)
  raft.step({ type: 'synced', number: 1 }, 128)
}

/** A leader that is told of by BeginQuorumEpoch. */
export function beginRequest(what: {
  readonly from: number
  readonly to: number
  readonly epoch: Epoch
}): RaftRequest {
  return {
    api: 'begin-quorum-epoch',
    clusterId: cluster,
    voter: key(what.to),
    leaderId: nodeId(what.from),
    leaderEpoch: what.epoch,
  }
}

/** A run of one epoch. */
export function runOf(
  epochNumber: number,
  from: number,
  to: number,
): {
  readonly baseOffset: Offset
  readonly endOffset: Offset
  readonly epochs: readonly { readonly epoch: Epoch; readonly startOffset: Offset }[]
  readonly voterSets: readonly []
} {
  return {
    baseOffset: offset(from),
    endOffset: offset(to),
    epochs: [{ epoch: epoch(epochNumber), startOffset: offset(from) }],
    voterSets: [],
  }
}
