// Original file: sluice/v1/log.proto

import type { Long } from '@grpc/proto-loader'

/**
 * Where one record is.
 */
export interface PublishedRecord {
  /**
   * Index of its partition.
   */
  partition?: number
  /**
   * Its offset.
   */
  offset?: number | string | Long
}

/**
 * Where one record is.
 */
export interface PublishedRecord__Output {
  /**
   * Index of its partition.
   */
  partition: number
  /**
   * Its offset.
   */
  offset: number
}
