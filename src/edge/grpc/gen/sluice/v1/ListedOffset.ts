// Original file: sluice/v1/log.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * The offset of one partition.
 */
export interface ListedOffset {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Absent when answered.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * Absent when no record is that late, or none has a timestamp.
   */
  offset?: number | string | Long
  /**
   * Epoch of the partition's leader.
   */
  leaderEpoch?: number
  /**
   * End of what is committed.
   */
  highWatermark?: number | string | Long
  /**
   * Of the record at that offset, in ms since 1970, when it was looked for by time.
   */
  timestampMs?: number | string | Long
  _offset?: 'offset'
  _timestampMs?: 'timestampMs'
}

/**
 * The offset of one partition.
 */
export interface ListedOffset__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Absent when answered.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * Absent when no record is that late, or none has a timestamp.
   */
  offset?: number
  /**
   * Epoch of the partition's leader.
   */
  leaderEpoch: number
  /**
   * End of what is committed.
   */
  highWatermark: number
  /**
   * Of the record at that offset, in ms since 1970, when it was looked for by time.
   */
  timestampMs?: number
  _offset?: 'offset'
  _timestampMs?: 'timestampMs'
}
