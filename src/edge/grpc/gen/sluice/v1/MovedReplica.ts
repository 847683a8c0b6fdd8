// Original file: sluice/v1/controller.proto

/**
 * Where a replica of a broker lives.
 */
export interface MovedReplica {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Id of the directory.
   */
  directoryId?: string
}

/**
 * Where a replica of a broker lives.
 */
export interface MovedReplica__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Id of the directory.
   */
  directoryId: string
}
