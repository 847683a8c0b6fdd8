// Original file: sluice/v1/cluster.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Whether a move was taken on.
 */
export interface ReplicaMoveResult {
  /**
   * Its topic.
   */
  topic?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Absent when it was.
   */
  error?: _sluice_v1_Refusal | null
}

/**
 * Whether a move was taken on.
 */
export interface ReplicaMoveResult__Output {
  /**
   * Its topic.
   */
  topic: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Absent when it was.
   */
  error: _sluice_v1_Refusal__Output | null
}
