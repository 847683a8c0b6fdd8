// Original file: sluice/v1/cluster.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type {
  PartitionDescription as _sluice_v1_PartitionDescription,
  PartitionDescription__Output as _sluice_v1_PartitionDescription__Output,
} from '../../sluice/v1/PartitionDescription.ts'

/**
 * A topic, or why it cannot be described.
 */
export interface TopicDescription {
  /**
   * Its name.
   */
  name?: string
  /**
   * Absent when described.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * Its id; absent with an error.
   */
  id?: string
  /**
   * Its partitions, by index.
   */
  partitions?: _sluice_v1_PartitionDescription[]
  _id?: 'id'
}

/**
 * A topic, or why it cannot be described.
 */
export interface TopicDescription__Output {
  /**
   * Its name.
   */
  name: string
  /**
   * Absent when described.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * Its id; absent with an error.
   */
  id?: string
  /**
   * Its partitions, by index.
   */
  partitions: _sluice_v1_PartitionDescription__Output[]
  _id?: 'id'
}
