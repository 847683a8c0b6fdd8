/**
 * The metadata image: all that the metadata log says, up to one offset. Immutable; the next image
 * shares with this one whatever a delta did not touch. Brokers, tools and the controller read it;
 * only `core/metadata/delta` makes new ones.
 */
import { type PersistentMap } from '../../../base/persistent-map.ts'
import {
  type BrokerEpoch,
  type DirectoryId,
  type Epoch,
  type IncarnationId,
  type NodeId,
  type Offset,
  type PartitionEpoch,
  type PartitionIndex,
  type TopicId,
} from '../../../base/id.ts'

/** Where a listener of a broker is reached (the shape of `core/api/endpoint.ts`). */
export interface ListenerEndpoint {
  readonly listener: string
  readonly host: string
  readonly port: number
}

/** Range of levels of a feature that a broker supports. */
export interface FeatureLevels {
  readonly name: string
  readonly min: number
  readonly max: number
}

/** A log that its broker could not vouch for when it registered (the shape of `core/api/register-broker.ts`). */
export interface UncleanReplica {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly reason: 'interval' | 'corrupt' | 'damaged'
  /** Epoch of the last batch that is left; absent when none is. */
  readonly lastEpoch?: Epoch
  readonly endOffset: Offset
}

/** A registered broker. */
export interface BrokerRegistration {
  readonly id: NodeId
  /** Offset of its RegisterBroker record. */
  readonly epoch: BrokerEpoch
  readonly incarnationId: IncarnationId
  readonly endpoints: readonly ListenerEndpoint[]
  readonly rack?: string
  /** The directories that are online. */
  readonly directoryIds: readonly DirectoryId[]
  readonly features: readonly FeatureLevels[]
  /** Of this registration; a log leaves the list when its replica is in the ISR again. */
  readonly uncleanLogs: readonly UncleanReplica[]
  /** A fenced broker leads nothing and is in no ISR. */
  readonly isFenced: boolean
  readonly inControlledShutdown: boolean
  /** Offset of the latest record about this broker. */
  readonly changeOffset: Offset
}

/** A partition's replication state. */
export interface PartitionRegistration {
  /** The first is the preferred leader. */
  readonly replicas: readonly NodeId[]
  /** Directory of each replica, same order. */
  readonly directories: readonly DirectoryId[]
  readonly isr: readonly NodeId[]
  /** Eligible leader replicas (KIP-966): have everything below the high watermark though not in the ISR. */
  readonly elr: readonly NodeId[]
  /** Left the ISR or ELR by an unclean stop and are in neither since: asked when nobody else is left. */
  readonly lastKnownElr: readonly NodeId[]
  readonly addingReplicas: readonly NodeId[]
  readonly removingReplicas: readonly NodeId[]
  /** Absent while nobody leads. */
  readonly leader?: NodeId
  /** Grows with every change of the leader, a restarted leader included. */
  readonly leaderEpoch: Epoch
  /** Grows with every change of this record. */
  readonly partitionEpoch: PartitionEpoch
  /** How many elections of this partition may have lost committed records. */
  readonly uncleanElectionCount: number
}

/** A topic; partition i is `partitions[i]`. */
export interface TopicImage {
  readonly id: TopicId
  readonly name: string
  readonly partitions: readonly PartitionRegistration[]
}

/** All there is, up to `offset`. */
export interface MetadataImage {
  /** Offset of the last record applied plus one; 0 for the empty image. */
  readonly offset: Offset
  /** Quorum epoch of that record. */
  readonly epoch: Epoch
  readonly brokers: PersistentMap<NodeId, BrokerRegistration>
  readonly topics: PersistentMap<TopicId, TopicImage>
  readonly topicIds: PersistentMap<string, TopicId>
  /** Keyed by `topic/NAME`, `broker/ID`, `cluster/`. */
  readonly configs: PersistentMap<string, Readonly<Record<string, string>>>
  readonly features: PersistentMap<string, number>
  /** Producer ids below it are given away. */
  readonly nextProducerId: number
}
