/** Records deleted from the start of partitions, asked of their leaders. Source: Kafka DeleteRecords, KIP-107. */
import { type Offset, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type ErrorCode } from './error-code.ts'

/** Everything below an offset, or all that is committed (Kafka's offset -1). */
export type DeletionBound = Offset | 'high-watermark'

/** What to delete. */
export interface DeleteRecordsRequest {
  readonly partitions: readonly {
    readonly topicId: TopicId
    readonly partition: PartitionIndex
    readonly before: DeletionBound
  }[]
  /** How long to wait for the in-sync replicas. */
  readonly waitMsMax: number
}

/** What became of it in one partition. */
export interface DeletedRecords {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  /** `REQUEST_TIMED_OUT`: the leader has deleted them, some in-sync replica has not yet; it will. */
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  /** No in-sync replica has anything below it. */
  readonly lowWatermark: Offset
}

/** One answer a partition, in order. */
export interface DeleteRecordsResponse {
  readonly partitions: readonly DeletedRecords[]
}
