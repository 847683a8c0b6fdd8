/** The cluster as any broker knows it: brokers, topics, leaders. Answered from the broker's metadata image. */
import {
  type BrokerEpoch,
  type ClusterId,
  type Epoch,
  type NodeId,
  type Offset,
  type PartitionEpoch,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { type Endpoint } from './endpoint.ts'
import { type ErrorCode } from './error-code.ts'

/** Which topics to describe: all, none, or some by name. */
export interface MetadataRequest {
  readonly topics: 'all' | 'none' | readonly string[]
}

/** A registered broker. */
export interface BrokerDescription {
  readonly id: NodeId
  readonly epoch: BrokerEpoch
  readonly rack?: string
  readonly endpoints: readonly Endpoint[]
  readonly isFenced: boolean
  readonly inControlledShutdown: boolean
}

/** A partition's replication state. */
export interface PartitionDescription {
  readonly partition: PartitionIndex
  /** Absent while nobody leads. */
  readonly leader?: NodeId
  readonly leaderEpoch: Epoch
  readonly partitionEpoch: PartitionEpoch
  readonly replicas: readonly NodeId[]
  readonly isr: readonly NodeId[]
  readonly elr: readonly NodeId[]
}

/** A topic, or why it cannot be described. */
export interface TopicDescription {
  readonly name: string
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  /** Absent with an error. */
  readonly id?: TopicId
  readonly partitions: readonly PartitionDescription[]
}

/** One consistent image. */
export interface MetadataResponse {
  readonly clusterId: ClusterId
  /** The active controller, as far as known. */
  readonly controllerId?: NodeId
  /** Offset of the metadata log up to which this image is built. */
  readonly metadataOffset: Offset
  readonly brokers: readonly BrokerDescription[]
  readonly topics: readonly TopicDescription[]
}
