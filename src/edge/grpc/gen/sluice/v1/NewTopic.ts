// Original file: sluice/v1/cluster.proto

import type {
  ReplicaAssignment as _sluice_v1_ReplicaAssignment,
  ReplicaAssignment__Output as _sluice_v1_ReplicaAssignment__Output,
} from '../../sluice/v1/ReplicaAssignment.ts'

/**
 * A topic to create.
 */
export interface NewTopic {
  /**
   * Its name.
   */
  name?: string
  /**
   * Absent: num.partitions.
   */
  partitionCount?: number
  /**
   * Absent: default.replication.factor.
   */
  replicationFactor?: number
  /**
   * Replicas of partition 0, 1, …; excludes both counts. None: placed by the controller.
   */
  assignments?: _sluice_v1_ReplicaAssignment[]
  /**
   * Settings of the topic, by key.
   */
  configs?: { [key: string]: string }
  _partitionCount?: 'partitionCount'
  _replicationFactor?: 'replicationFactor'
}

/**
 * A topic to create.
 */
export interface NewTopic__Output {
  /**
   * Its name.
   */
  name: string
  /**
   * Absent: num.partitions.
   */
  partitionCount?: number
  /**
   * Absent: default.replication.factor.
   */
  replicationFactor?: number
  /**
   * Replicas of partition 0, 1, …; excludes both counts. None: placed by the controller.
   */
  assignments: _sluice_v1_ReplicaAssignment__Output[]
  /**
   * Settings of the topic, by key.
   */
  configs: { [key: string]: string }
  _partitionCount?: 'partitionCount'
  _replicationFactor?: 'replicationFactor'
}
