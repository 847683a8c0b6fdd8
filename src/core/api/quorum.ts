/**
 * The metadata quorum's messages. Sources: KIP-595 (pull-based Raft), KIP-996 (pre-vote), KIP-853
 * (voter = node id + directory id), KIP-1166 (known high watermark).
 */
import {
  type ClusterId,
  type DirectoryId,
  type Epoch,
  type NodeId,
  type Offset,
} from '../../base/id.ts'
import { type Endpoint } from './endpoint.ts'
import { type ErrorCode } from './error-code.ts'

/** One voter: a wiped disk is a new voter. */
export interface ReplicaKey {
  readonly nodeId: NodeId
  readonly directoryId: DirectoryId
}

/** Who leads in which epoch, as the answering node knows; part of every answer. */
export interface QuorumLeader {
  readonly epoch: Epoch
  readonly leaderId?: NodeId
  readonly leaderEndpoint?: Endpoint
}

/** Asks one voter for its vote. */
export interface VoteRequest {
  readonly clusterId: ClusterId
  readonly candidate: ReplicaKey
  readonly voter: ReplicaKey
  /** The epoch stood for; for a pre-vote, the candidate's present epoch. */
  readonly epoch: Epoch
  readonly lastEpoch: Epoch
  readonly lastOffset: Offset
  readonly isPreVote: boolean
}

/** Whether the vote was given. */
export interface VoteResponse {
  readonly error?: ErrorCode
  readonly leader: QuorumLeader
  readonly isGranted: boolean
}

/** A new leader makes itself known to a voter. */
export interface BeginQuorumEpochRequest {
  readonly clusterId: ClusterId
  readonly voter: ReplicaKey
  readonly leaderId: NodeId
  readonly leaderEpoch: Epoch
  readonly leaderEndpoint?: Endpoint
}

/** Acknowledges it. */
export interface BeginQuorumEpochResponse {
  readonly error?: ErrorCode
  readonly leader: QuorumLeader
}

/** A resigning leader names who should stand first. */
export interface EndQuorumEpochRequest {
  readonly clusterId: ClusterId
  readonly leaderId: NodeId
  readonly leaderEpoch: Epoch
  /** Best first: by fetch position. */
  readonly preferredSuccessors: readonly ReplicaKey[]
}

/** Acknowledges it. */
export interface EndQuorumEpochResponse {
  readonly error?: ErrorCode
  readonly leader: QuorumLeader
}

/** A voter's or observer's pull. Its position is its acknowledgement: everything below is synced on its disk. */
export interface QuorumFetchRequest {
  readonly clusterId: ClusterId
  readonly replica: ReplicaKey
  readonly currentEpoch: Epoch
  readonly fetchOffset: Offset
  /** Epoch of the last entry before `fetchOffset`; 0 for an empty log. */
  readonly lastFetchedEpoch: Epoch
  /** High watermark that the fetcher knows: a leader with a higher one answers at once. */
  readonly highWatermark: Offset
  readonly waitMsMax: number
  readonly bytesMax: number
}

/** Batches, or where to truncate to. */
export interface QuorumFetchResponse {
  readonly error?: ErrorCode
  readonly leader: QuorumLeader
  readonly highWatermark: Offset
  readonly logStartOffset: Offset
  readonly diverging?: { readonly epoch: Epoch; readonly endOffset: Offset }
  /** Whole batches in offset order, empty with a divergence. */
  readonly records: readonly Uint8Array[]
}

/** Takes no argument. */
export type DescribeQuorumRequest = Readonly<Record<string, never>>

/** One replica of the metadata log as the leader sees it. */
export interface QuorumReplica {
  readonly nodeId: NodeId
  readonly directoryId: DirectoryId
  readonly logEndOffset: Offset
  /** Milliseconds since it was last caught up with the leader; 0 for the leader. */
  readonly lagMs: number
  /** Milliseconds since its last fetch; 0 for the leader. */
  readonly lastFetchMs: number
}

/** The quorum as its leader sees it; others refuse with NOT_CONTROLLER. */
export interface DescribeQuorumResponse {
  readonly leaderId: NodeId
  readonly epoch: Epoch
  readonly highWatermark: Offset
  readonly voters: readonly QuorumReplica[]
  readonly observers: readonly QuorumReplica[]
}
