// Original file: sluice/v1/cluster.proto

import type {
  PartitionRaise as _sluice_v1_PartitionRaise,
  PartitionRaise__Output as _sluice_v1_PartitionRaise__Output,
} from '../../sluice/v1/PartitionRaise.ts'

/**
 * Partitions to add.
 */
export interface CreatePartitionsRequest {
  /**
   * The topics.
   */
  topics?: _sluice_v1_PartitionRaise[]
  /**
   * Checks everything, changes nothing.
   */
  validateOnly?: boolean
}

/**
 * Partitions to add.
 */
export interface CreatePartitionsRequest__Output {
  /**
   * The topics.
   */
  topics: _sluice_v1_PartitionRaise__Output[]
  /**
   * Checks everything, changes nothing.
   */
  validateOnly: boolean
}
