/** Offsets by position or time, asked of partition leaders. Source: Kafka ListOffsets. */
import { type Epoch, type Offset, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type ErrorCode } from './error-code.ts'

/**
 * `earliest`: log start; `latest`: end for readers; `max-timestamp`: the first of the records with the
 * greatest timestamp (KIP-734); a time: the first record, by offset, at or after it.
 */
export type OffsetQuestion =
  | { readonly type: 'earliest' }
  | { readonly type: 'latest' }
  | { readonly type: 'max-timestamp' }
  | { readonly type: 'at-time'; readonly timestampMs: number }

/** A question per partition. */
export interface ListOffsetsRequest {
  readonly partitions: readonly {
    readonly topicId: TopicId
    readonly partition: PartitionIndex
    readonly question: OffsetQuestion
    /** The leader epoch the client knows (KIP-320): another one is refused. Absent: not checked. */
    readonly leaderEpoch?: Epoch
  }[]
}

/** The answer for one partition. */
export interface ListedOffset {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  /** Absent when no record is that late, or none has a timestamp. */
  readonly offset?: Offset
  /** Of the record at that offset, when it was looked for by time. */
  readonly timestampMs?: number
  readonly leaderEpoch: Epoch
  readonly highWatermark: Offset
}

/** One answer a question, in order. */
export interface ListOffsetsResponse {
  readonly partitions: readonly ListedOffset[]
}
