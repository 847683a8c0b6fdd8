/** A broker's sign of life, on a stream of its own. Source: KIP-631 BrokerHeartbeat. */
import {
  type BrokerEpoch,
  type DirectoryId,
  type NodeId,
  type Offset,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'

/** Where a replica of this broker lives. Source: KIP-858 AssignReplicasToDirs. */
export interface MovedReplica {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly directoryId: DirectoryId
}

/**
 * Sent again as soon as it is answered, and at once when something changed. Between the two the
 * controller holds it: the open request is the sign of life, and its loss is noticed at once.
 */
export interface BrokerHeartbeatRequest {
  readonly brokerId: NodeId
  readonly brokerEpoch: BrokerEpoch
  /** How far the broker has applied the metadata log. */
  readonly metadataOffset: Offset
  readonly wantsFence: boolean
  readonly wantsShutdown: boolean
  /** How long the controller may hold the answer while it has nothing to say; 0: not at all. */
  readonly waitMsMax: number
  /** Directories that went offline since registration. */
  readonly offlineDirectoryIds: readonly DirectoryId[]
  /** Replicas that moved: they live in another directory than the metadata says. */
  readonly movedReplicas: readonly MovedReplica[]
}

/** What the controller thinks of the broker now. */
export interface BrokerHeartbeatResponse {
  readonly isCaughtUp: boolean
  readonly isFenced: boolean
  /** All leadership has been moved away: the broker may stop. */
  readonly mayShutdown: boolean
}
