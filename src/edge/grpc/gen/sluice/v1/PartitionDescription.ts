// Original file: sluice/v1/cluster.proto

/**
 * How a partition is replicated.
 */
export interface PartitionDescription {
  /**
   * Its index.
   */
  partition?: number
  /**
   * Node id of its leader; absent while nobody leads.
   */
  leader?: number
  /**
   * Grows with every change of leader.
   */
  leaderEpoch?: number
  /**
   * Grows with every change of leader or ISR.
   */
  partitionEpoch?: number
  /**
   * Node ids of its replicas, the preferred leader first.
   */
  replicas?: number[]
  /**
   * In-sync replicas.
   */
  isr?: number[]
  /**
   * Replicas outside the ISR that have every committed record.
   */
  elr?: number[]
  _leader?: 'leader'
}

/**
 * How a partition is replicated.
 */
export interface PartitionDescription__Output {
  /**
   * Its index.
   */
  partition: number
  /**
   * Node id of its leader; absent while nobody leads.
   */
  leader?: number
  /**
   * Grows with every change of leader.
   */
  leaderEpoch: number
  /**
   * Grows with every change of leader or ISR.
   */
  partitionEpoch: number
  /**
   * Node ids of its replicas, the preferred leader first.
   */
  replicas: number[]
  /**
   * In-sync replicas.
   */
  isr: number[]
  /**
   * Replicas outside the ISR that have every committed record.
   */
  elr: number[]
  _leader?: 'leader'
}
