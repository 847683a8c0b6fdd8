// Original file: sluice/v1/cluster.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * What became of one topic.
 */
export interface TopicResult {
  /**
   * Its name.
   */
  name?: string
  /**
   * Absent when done.
   */
  error?: _sluice_v1_Refusal | null
}

/**
 * What became of one topic.
 */
export interface TopicResult__Output {
  /**
   * Its name.
   */
  name: string
  /**
   * Absent when done.
   */
  error: _sluice_v1_Refusal__Output | null
}
