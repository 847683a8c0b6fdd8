// Original file: sluice/v1/cluster.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * What became of one partition.
 */
export interface PartitionElection {
  /**
   * Name of the topic.
   */
  topic?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Absent when its preferred replica leads.
   */
  error?: _sluice_v1_Refusal | null
}

/**
 * What became of one partition.
 */
export interface PartitionElection__Output {
  /**
   * Name of the topic.
   */
  topic: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Absent when its preferred replica leads.
   */
  error: _sluice_v1_Refusal__Output | null
}
