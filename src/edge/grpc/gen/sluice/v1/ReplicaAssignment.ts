// Original file: sluice/v1/cluster.proto

/**
 * Replicas of one partition.
 */
export interface ReplicaAssignment {
  /**
   * Node ids, the preferred leader first.
   */
  replicas?: number[]
}

/**
 * Replicas of one partition.
 */
export interface ReplicaAssignment__Output {
  /**
   * Node ids, the preferred leader first.
   */
  replicas: number[]
}
