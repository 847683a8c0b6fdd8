// Original file: sluice/v1/quorum.proto

import type { Long } from '@grpc/proto-loader'

/**
 * Where a log left the leader's.
 */
export interface QuorumDivergence {
  /**
   * The largest epoch of the leader's log that is not above the one asked about.
   */
  epoch?: number
  /**
   * Where that epoch ends in the leader's log.
   */
  endOffset?: number | string | Long
}

/**
 * Where a log left the leader's.
 */
export interface QuorumDivergence__Output {
  /**
   * The largest epoch of the leader's log that is not above the one asked about.
   */
  epoch: number
  /**
   * Where that epoch ends in the leader's log.
   */
  endOffset: number
}
