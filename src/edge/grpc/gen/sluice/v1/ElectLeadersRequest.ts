// Original file: sluice/v1/cluster.proto

import type {
  TopicPartition as _sluice_v1_TopicPartition,
  TopicPartition__Output as _sluice_v1_TopicPartition__Output,
} from '../../sluice/v1/TopicPartition.ts'

/**
 * Elections to hold.
 */
export interface ElectLeadersRequest {
  /**
   * For every partition; `partitions` is then not looked at.
   */
  all?: boolean
  /**
   * Which partitions, without `all`.
   */
  partitions?: _sluice_v1_TopicPartition[]
}

/**
 * Elections to hold.
 */
export interface ElectLeadersRequest__Output {
  /**
   * For every partition; `partitions` is then not looked at.
   */
  all: boolean
  /**
   * Which partitions, without `all`.
   */
  partitions: _sluice_v1_TopicPartition__Output[]
}
