/** Read committed batches from partition leaders. Source: Kafka Fetch v13 and later (topic ids, KIP-320 fencing). */
import { type Epoch, type Offset, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type ErrorCode } from './error-code.ts'

/** `committed`: only below the last stable offset; `uncommitted`: below the high watermark. */
export type Isolation = 'committed' | 'uncommitted'

/** Where one partition is to be read. */
export interface PartitionFetch {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly fetchOffset: Offset
  /** The leader epoch the client knows (KIP-320): another one is refused. Absent: not checked. */
  readonly leaderEpoch?: Epoch
  /** Most bytes for this partition; the first batch comes whole whatever its size. */
  readonly bytesMax: number
  /** What was sent before did not prove itself: the leader is to check what its disk has. */
  readonly isSuspect?: true
}

/** A long poll: answered when `bytesMin` bytes are there or after `waitMsMax`. */
export interface FetchRequest {
  readonly waitMsMax: number
  readonly bytesMin: number
  /** Most bytes in the whole answer, the first batch excepted. */
  readonly bytesMax: number
  readonly isolation: Isolation
  readonly partitions: readonly PartitionFetch[]
}

/** What one partition had. */
export interface PartitionFetched {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  readonly highWatermark: Offset
  readonly lastStableOffset: Offset
  readonly logStartOffset: Offset
  /** Whole batches in offset order, as slices to be sent one after the other; the first may start before the fetch offset. */
  readonly records: readonly Uint8Array[]
}

/** Partitions with news; the others are left out. */
export interface FetchResponse {
  readonly partitions: readonly PartitionFetched[]
}
