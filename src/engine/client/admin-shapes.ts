/** What calls of `client.admin` take, and what they give back. */
import { type Offset, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type ItemError } from '../../core/api/cluster-admin.ts'
import { type PartitionDescription } from '../../core/api/metadata.ts'
import { type CallOptions } from './records.ts'

/** How a topic is made; absent numbers take the cluster's defaults. */
export interface NewTopicOptions extends CallOptions {
  readonly partitions?: number
  readonly replicationFactor?: number
  /** By Kafka's names, such as `retention.ms` or `min.insync.replicas`; `flush`: `ack` or `interval`. */
  readonly config?: Readonly<Record<string, string>>
  /** Replicas of partition 0, 1, …, instead of the two numbers; the first of each is preferred to lead. */
  readonly assignments?: readonly (readonly number[])[]
  /** A topic of that name is fine, whatever its shape. Default false. */
  readonly ifNotExists?: boolean
  /** Checks everything, creates nothing. Default false. */
  readonly validateOnly?: boolean
}

/** A topic that was created, or was there. */
export interface CreatedTopic {
  readonly name: string
  readonly id: TopicId | undefined
  /** False when `ifNotExists` found it there. */
  readonly isNew: boolean
}

/** One line of a list of topics. */
export interface TopicSummary {
  readonly name: string
  readonly id: TopicId | undefined
  readonly partitionCount: number
  readonly replicationFactor: number
}

/** A partition with its end; undefined while nobody leads it. */
export interface PartitionDetail extends PartitionDescription {
  readonly highWatermark: Offset | undefined
}

/** A topic with everything known about it. */
export interface TopicDetail {
  readonly name: string
  readonly id: TopicId
  /** What is set on the topic itself. */
  readonly config: Readonly<Record<string, string>>
  readonly partitions: readonly PartitionDetail[]
}

/** The end, start or an offset by time of one partition; undefined offset: no record is that late. */
export interface PartitionOffset {
  readonly partition: PartitionIndex
  readonly offset: Offset | undefined
  /** Of the record at that offset, in ms since the Unix epoch, when it was looked for by time. */
  readonly timestampMs: number | undefined
}

/** Where to cut the start of one partition off. */
export interface RecordDeletion {
  readonly partition: number
  /** Records below this offset go; `end`: all that readers see when the leader gets the call. */
  readonly before: number | 'end'
}

/** A partition whose records were deleted. */
export interface DeletedPartition {
  readonly partition: PartitionIndex
  /** No in-sync replica has anything below it; it may be higher than what was asked for. */
  readonly lowWatermark: Offset
}

/** A partition whose leadership was asked for. */
export interface ElectedPartition {
  readonly topic: string
  readonly partition: PartitionIndex
  readonly error?: ItemError
}
