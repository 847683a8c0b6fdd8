// Original file: sluice/v1/cluster.proto

import type { Long } from '@grpc/proto-loader'

/**
 * The disk of a log directory.
 */
export interface LogDirDisk {
  /**
   * Bytes that are free.
   */
  freeBytes?: number | string | Long
  /**
   * All its bytes.
   */
  totalBytes?: number | string | Long
  /**
   * Bytes that are to stay free.
   */
  reserveBytes?: number | string | Long
}

/**
 * The disk of a log directory.
 */
export interface LogDirDisk__Output {
  /**
   * Bytes that are free.
   */
  freeBytes: number
  /**
   * All its bytes.
   */
  totalBytes: number
  /**
   * Bytes that are to stay free.
   */
  reserveBytes: number
}
