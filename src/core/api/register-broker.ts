/** A broker's registration with the active controller. Source: KIP-631 BrokerRegistration, KIP-858 directories. */
import {
  type BrokerEpoch,
  type ClusterId,
  type DirectoryId,
  type Epoch,
  type IncarnationId,
  type NodeId,
  type Offset,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { type Endpoint } from './endpoint.ts'

/**
 * Why a log cannot be vouched for. `interval`: only because unsynced writes may be gone; `corrupt`: answered
 * records below the recovery point may be gone; `damaged`: all offsets are there, some ranges cannot be read.
 */
export type UncleanReason = 'interval' | 'corrupt' | 'damaged'

/** A log that cannot be vouched for after an unclean stop, corruption or damage. */
export interface UncleanLog {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly reason: UncleanReason
  /** Last epoch and end after the cut, for rule 25 of the storage document. */
  readonly lastEpoch?: Epoch
  readonly endOffset: Offset
}

/** One data directory. */
export interface DirectoryReport {
  readonly directoryId: DirectoryId
  readonly wasClean: boolean
  readonly uncleanLogs: readonly UncleanLog[]
  /** Whole logs may be missing, so every partition that lives in it is one that cannot be vouched for. */
  readonly mayMissLogs: boolean
}

/** Range of levels of a feature that the broker supports. */
export interface FeatureRange {
  readonly name: string
  readonly min: number
  readonly max: number
}

/** A new incarnation of a broker. The same id from the same directory supersedes the old one at once. */
export interface RegisterBrokerRequest {
  readonly brokerId: NodeId
  readonly clusterId: ClusterId
  readonly incarnationId: IncarnationId
  readonly endpoints: readonly Endpoint[]
  readonly rack?: string
  readonly features: readonly FeatureRange[]
  /** The directories that are open. */
  readonly directories: readonly DirectoryReport[]
  /** A configured directory could not be opened: replicas that are in none of `directories` are offline, not gone. */
  readonly hasUnopenedDirectory: boolean
}

/** The epoch that every later request of this incarnation carries. */
export interface RegisterBrokerResponse {
  readonly brokerEpoch: BrokerEpoch
}
