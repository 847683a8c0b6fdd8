// Original file: sluice/v1/log.proto

import type { Long } from '@grpc/proto-loader'

/**
 * What to delete of one partition.
 */
export interface PartitionDeletion {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Records below this offset, at most the high watermark; -1: all below the high watermark.
   */
  beforeOffset?: number | string | Long
}

/**
 * What to delete of one partition.
 */
export interface PartitionDeletion__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Records below this offset, at most the high watermark; -1: all below the high watermark.
   */
  beforeOffset: number
}
