// Original file: sluice/v1/quorum.proto

import type { Long } from '@grpc/proto-loader'

/**
 * One replica of the metadata log.
 */
export interface QuorumReplica {
  /**
   * Its node id.
   */
  nodeId?: number
  /**
   * Id of the directory of its metadata log.
   */
  directoryId?: string
  /**
   * End of its log, as far as it has acknowledged.
   */
  logEndOffset?: number | string | Long
  /**
   * Milliseconds since it had everything the leader has; 0 for the leader.
   */
  lagMs?: number | string
  /**
   * Milliseconds since its last pull; 0 for the leader.
   */
  lastFetchMs?: number | string
}

/**
 * One replica of the metadata log.
 */
export interface QuorumReplica__Output {
  /**
   * Its node id.
   */
  nodeId: number
  /**
   * Id of the directory of its metadata log.
   */
  directoryId: string
  /**
   * End of its log, as far as it has acknowledged.
   */
  logEndOffset: number
  /**
   * Milliseconds since it had everything the leader has; 0 for the leader.
   */
  lagMs: number
  /**
   * Milliseconds since its last pull; 0 for the leader.
   */
  lastFetchMs: number
}
