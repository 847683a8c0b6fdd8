// Original file: sluice/v1/log.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * What one partition had.
 */
export interface PartitionFetched {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Absent when read.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * End of what is committed.
   */
  highWatermark?: number | string | Long
  /**
   * End of what readers with ISOLATION_COMMITTED see.
   */
  lastStableOffset?: number | string | Long
  /**
   * First offset that the log still has.
   */
  logStartOffset?: number | string | Long
  /**
   * Whole batches in offset order; the first may start before the offset asked for.
   */
  records?: Buffer | Uint8Array | string
}

/**
 * What one partition had.
 */
export interface PartitionFetched__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Absent when read.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * End of what is committed.
   */
  highWatermark: number
  /**
   * End of what readers with ISOLATION_COMMITTED see.
   */
  lastStableOffset: number
  /**
   * First offset that the log still has.
   */
  logStartOffset: number
  /**
   * Whole batches in offset order; the first may start before the offset asked for.
   */
  records: Buffer
}
