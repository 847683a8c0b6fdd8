// Original file: sluice/v1/log.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * What became of it in one partition.
 */
export interface DeletedRecords {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Absent when every in-sync replica has deleted.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * No in-sync replica has anything below it.
   */
  lowWatermark?: number | string | Long
}

/**
 * What became of it in one partition.
 */
export interface DeletedRecords__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Absent when every in-sync replica has deleted.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * No in-sync replica has anything below it.
   */
  lowWatermark: number
}
