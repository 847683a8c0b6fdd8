// Original file: sluice/v1/replication.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type {
  DivergingEpoch as _sluice_v1_DivergingEpoch,
  DivergingEpoch__Output as _sluice_v1_DivergingEpoch__Output,
} from '../../sluice/v1/DivergingEpoch.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * News of one partition.
 */
export interface ReplicaFetched {
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
   * Present when the follower's log diverges and must be truncated.
   */
  diverging?: _sluice_v1_DivergingEpoch | null
  /**
   * End of what is committed.
   */
  highWatermark?: number | string | Long
  /**
   * First offset of the leader's log.
   */
  logStartOffset?: number | string | Long
  /**
   * Whole batches in offset order; none with a divergence.
   */
  records?: Buffer | Uint8Array | string
}

/**
 * News of one partition.
 */
export interface ReplicaFetched__Output {
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
   * Present when the follower's log diverges and must be truncated.
   */
  diverging: _sluice_v1_DivergingEpoch__Output | null
  /**
   * End of what is committed.
   */
  highWatermark: number
  /**
   * First offset of the leader's log.
   */
  logStartOffset: number
  /**
   * Whole batches in offset order; none with a divergence.
   */
  records: Buffer
}
