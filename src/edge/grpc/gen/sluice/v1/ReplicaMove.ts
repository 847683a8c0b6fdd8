// Original file: sluice/v1/cluster.proto

/**
 * One move.
 */
export interface ReplicaMove {
  /**
   * Its topic.
   */
  topic?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Path of the directory, as in log.dirs.
   */
  path?: string
}

/**
 * One move.
 */
export interface ReplicaMove__Output {
  /**
   * Its topic.
   */
  topic: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Path of the directory, as in log.dirs.
   */
  path: string
}
