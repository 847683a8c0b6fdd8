// Original file: sluice/v1/cluster.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * What became of one topic.
 */
export interface CreatedTopic {
  /**
   * Its name.
   */
  name?: string
  /**
   * Absent when created.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * Its id, when created.
   */
  topicId?: string
  /**
   * How many partitions it has, when created.
   */
  partitionCount?: number
  /**
   * How many replicas each has, when created.
   */
  replicationFactor?: number
  _topicId?: 'topicId'
  _partitionCount?: 'partitionCount'
  _replicationFactor?: 'replicationFactor'
}

/**
 * What became of one topic.
 */
export interface CreatedTopic__Output {
  /**
   * Its name.
   */
  name: string
  /**
   * Absent when created.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * Its id, when created.
   */
  topicId?: string
  /**
   * How many partitions it has, when created.
   */
  partitionCount?: number
  /**
   * How many replicas each has, when created.
   */
  replicationFactor?: number
  _topicId?: 'topicId'
  _partitionCount?: 'partitionCount'
  _replicationFactor?: 'replicationFactor'
}
