/** A leader's change of its ISR. Sources: KIP-497, KIP-841, KIP-903, KIP-966. */
import {
  type BrokerEpoch,
  type Epoch,
  type NodeId,
  type PartitionEpoch,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { type ItemError } from './cluster-admin.ts'

/** The ISR that a leader proposes, each member with the broker epoch of the fetches it saw. */
export interface PartitionAlteration {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly leaderEpoch: Epoch
  readonly partitionEpoch: PartitionEpoch
  readonly newIsr: readonly { readonly brokerId: NodeId; readonly brokerEpoch: BrokerEpoch }[]
  /** The leader's own log failed or is corrupt: elect another (or the same under a higher epoch), and take it out of the ISR when another can lead. */
  readonly resigns: boolean
}

/** Several partitions of one leader. */
export interface AlterPartitionRequest {
  readonly brokerId: NodeId
  readonly brokerEpoch: BrokerEpoch
  readonly partitions: readonly PartitionAlteration[]
}

/** In the request's order; the new state, which the leader adopts only from the committed image. */
export interface AlterPartitionResponse {
  readonly partitions: readonly {
    readonly topicId: TopicId
    readonly partition: PartitionIndex
    readonly error?: ItemError
    readonly leader?: NodeId
    readonly leaderEpoch: Epoch
    readonly isr: readonly NodeId[]
    readonly partitionEpoch: PartitionEpoch
  }[]
}
