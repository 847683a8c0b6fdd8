// Original file: sluice/v1/log.proto

/**
 * Batches for one partition.
 */
export interface PartitionProduce {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * One or more whole record batches (Kafka's format v2), back to back.
   */
  records?: Buffer | Uint8Array | string
}

/**
 * Batches for one partition.
 */
export interface PartitionProduce__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * One or more whole record batches (Kafka's format v2), back to back.
   */
  records: Buffer
}
