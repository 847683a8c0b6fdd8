// Original file: sluice/v1/controller.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * What became of one partition.
 */
export interface AlteredPartition {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Absent when changed.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * Node id of the leader; absent when nobody leads.
   */
  leader?: number
  /**
   * Its epoch.
   */
  leaderEpoch?: number
  /**
   * The ISR now.
   */
  isr?: number[]
  /**
   * Version of the partition now.
   */
  partitionEpoch?: number
  _leader?: 'leader'
}

/**
 * What became of one partition.
 */
export interface AlteredPartition__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Absent when changed.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * Node id of the leader; absent when nobody leads.
   */
  leader?: number
  /**
   * Its epoch.
   */
  leaderEpoch: number
  /**
   * The ISR now.
   */
  isr: number[]
  /**
   * Version of the partition now.
   */
  partitionEpoch: number
  _leader?: 'leader'
}
