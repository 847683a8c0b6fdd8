// Original file: sluice/v1/replication.proto

import type { Long } from '@grpc/proto-loader'

/**
 * Where a log left the leader's: truncate to the smaller of this end and the own end of that epoch.
 */
export interface DivergingEpoch {
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
 * Where a log left the leader's: truncate to the smaller of this end and the own end of that epoch.
 */
export interface DivergingEpoch__Output {
  /**
   * The largest epoch of the leader's log that is not above the one asked about.
   */
  epoch: number
  /**
   * Where that epoch ends in the leader's log.
   */
  endOffset: number
}
