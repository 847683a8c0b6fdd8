// Original file: sluice/v1/cluster.proto

import type {
  ReplicaAssignment as _sluice_v1_ReplicaAssignment,
  ReplicaAssignment__Output as _sluice_v1_ReplicaAssignment__Output,
} from '../../sluice/v1/ReplicaAssignment.ts'

/**
 * A topic that gets more partitions.
 */
export interface PartitionRaise {
  /**
   * Its name.
   */
  name?: string
  /**
   * How many it has afterwards.
   */
  partitionCount?: number
  /**
   * Replicas of each new partition; none: placed by the controller.
   */
  assignments?: _sluice_v1_ReplicaAssignment[]
}

/**
 * A topic that gets more partitions.
 */
export interface PartitionRaise__Output {
  /**
   * Its name.
   */
  name: string
  /**
   * How many it has afterwards.
   */
  partitionCount: number
  /**
   * Replicas of each new partition; none: placed by the controller.
   */
  assignments: _sluice_v1_ReplicaAssignment__Output[]
}
