// Original file: sluice/v1/cluster.proto

import type { Long } from '@grpc/proto-loader'

/**
 * One log in a directory.
 */
export interface DescribedLog {
  /**
   * Its topic.
   */
  topic?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Bytes on disk.
   */
  bytes?: number | string | Long
  /**
   * Offset after its last record.
   */
  endOffset?: number | string | Long
  /**
   * How far it is behind: the high watermark for a replica, the log that it copies for a future one.
   */
  offsetLag?: number | string | Long
  /**
   * A copy under way into this directory.
   */
  isFuture?: boolean
}

/**
 * One log in a directory.
 */
export interface DescribedLog__Output {
  /**
   * Its topic.
   */
  topic: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Bytes on disk.
   */
  bytes: number
  /**
   * Offset after its last record.
   */
  endOffset: number
  /**
   * How far it is behind: the high watermark for a replica, the log that it copies for a future one.
   */
  offsetLag: number
  /**
   * A copy under way into this directory.
   */
  isFuture: boolean
}
