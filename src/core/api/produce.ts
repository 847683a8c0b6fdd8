/** Append record batches to partitions; sent to their leaders. Source: Kafka Produce v12, topic ids as in v13. */
import { type Offset, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type ErrorCode } from './error-code.ts'

/** 0: answer at once; 1: durable on the leader; `all`: on every member of the maximal ISR. */
export type Acks = 0 | 1 | 'all'

/** One or more whole batches (v2) for one partition, back to back. */
export interface PartitionProduce {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  /** The server patches base offset and leader epoch in place: the sender must not reuse the bytes before the answer. */
  readonly records: Uint8Array
}

/** A partition may appear more than once; its entries are appended in order. */
export interface ProduceRequest {
  readonly acks: Acks
  readonly partitions: readonly PartitionProduce[]
}

/** Answer for the entry of the same index. */
export interface PartitionProduced {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  /** Absent when done. */
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  /** Offset of the first record; 0 when there is an error. */
  readonly baseOffset: Offset
  /** Set when the topic uses LogAppendTime. */
  readonly logAppendTimeMs?: number
  readonly logStartOffset: Offset
}

/** One answer an entry, in the request's order. */
export interface ProduceResponse {
  readonly partitions: readonly PartitionProduced[]
}
