// Original file: sluice/v1/cluster.proto

/**
 * A partition by name.
 */
export interface TopicPartition {
  /**
   * Name of the topic.
   */
  topic?: string
  /**
   * Index of the partition.
   */
  partition?: number
}

/**
 * A partition by name.
 */
export interface TopicPartition__Output {
  /**
   * Name of the topic.
   */
  topic: string
  /**
   * Index of the partition.
   */
  partition: number
}
