// Original file: sluice/v1/replication.proto

/**
 * A partition that left the session.
 */
export interface ForgottenPartition {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
}

/**
 * A partition that left the session.
 */
export interface ForgottenPartition__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
}
