/**
 * A follower's fetch from the leaders on one broker, over one long-lived stream. The leader keeps
 * the session's positions (KIP-227): after the first request only what changed is sent, and only
 * partitions with news are answered.
 */
import {
  type BrokerEpoch,
  type Epoch,
  type NodeId,
  type Offset,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { type ErrorCode } from './error-code.ts'

/** The follower's position in one partition. */
export interface ReplicaPosition {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  /** The leader epoch the follower acts under: another one is refused. */
  readonly leaderEpoch: Epoch
  readonly fetchOffset: Offset
  /** Epoch of the follower's last batch; absent when its log is empty. */
  readonly lastFetchedEpoch?: Epoch
  /** End of what the follower would still have after a crash (with `flush=ack`: fsynced). Only this acknowledges. */
  readonly durableOffset: Offset
  /** The high watermark that the follower knows: a leader with a higher one answers at once. */
  readonly highWatermark: Offset
  readonly logStartOffset: Offset
}

/** One request is in flight on a session; the next follows the write of its answer. */
export interface ReplicaFetchRequest {
  readonly replicaId: NodeId
  readonly brokerEpoch: BrokerEpoch
  /** Chosen by the follower, one per stream; a catching-up stream has its own. */
  readonly sessionId: number
  /** 0 starts the session with all positions; then 1, 2, … with only the changed ones. */
  readonly sequence: number
  readonly waitMsMax: number
  readonly bytesMax: number
  readonly positions: readonly ReplicaPosition[]
  /** Partitions that left the session. */
  readonly forgotten: readonly { readonly topicId: TopicId; readonly partition: PartitionIndex }[]
}

/** News of one partition. */
export interface ReplicaFetched {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  /** The follower's log diverges: it must truncate to the smaller of this end and its own end of that epoch (KIP-595 style). */
  readonly diverging?: { readonly epoch: Epoch; readonly endOffset: Offset }
  readonly highWatermark: Offset
  readonly logStartOffset: Offset
  readonly records: readonly Uint8Array[]
}

/** Partitions with news. */
export interface ReplicaFetchResponse {
  readonly partitions: readonly ReplicaFetched[]
}
