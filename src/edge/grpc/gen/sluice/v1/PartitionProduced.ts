// Original file: sluice/v1/log.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * What became of one entry.
 */
export interface PartitionProduced {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Absent when done.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * Offset of the first record; 0 with an error.
   */
  baseOffset?: number | string | Long
  /**
   * Time that the broker gave the records, in ms since 1970, when the topic uses LogAppendTime.
   */
  logAppendTimeMs?: number | string | Long
  /**
   * First offset that the log still has.
   */
  logStartOffset?: number | string | Long
  _logAppendTimeMs?: 'logAppendTimeMs'
}

/**
 * What became of one entry.
 */
export interface PartitionProduced__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Absent when done.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * Offset of the first record; 0 with an error.
   */
  baseOffset: number
  /**
   * Time that the broker gave the records, in ms since 1970, when the topic uses LogAppendTime.
   */
  logAppendTimeMs?: number
  /**
   * First offset that the log still has.
   */
  logStartOffset: number
  _logAppendTimeMs?: 'logAppendTimeMs'
}
