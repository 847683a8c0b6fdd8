// Original file: sluice/v1/quorum.proto

import type {
  QuorumReplica as _sluice_v1_QuorumReplica,
  QuorumReplica__Output as _sluice_v1_QuorumReplica__Output,
} from '../../sluice/v1/QuorumReplica.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * The quorum as its leader sees it.
 */
export interface DescribeQuorumResponse {
  /**
   * Node id of the leader.
   */
  leaderId?: number
  /**
   * Its epoch.
   */
  epoch?: number
  /**
   * End of what is committed.
   */
  highWatermark?: number | string | Long
  /**
   * Replicas that vote.
   */
  voters?: _sluice_v1_QuorumReplica[]
  /**
   * Replicas that only follow.
   */
  observers?: _sluice_v1_QuorumReplica[]
}

/**
 * The quorum as its leader sees it.
 */
export interface DescribeQuorumResponse__Output {
  /**
   * Node id of the leader.
   */
  leaderId: number
  /**
   * Its epoch.
   */
  epoch: number
  /**
   * End of what is committed.
   */
  highWatermark: number
  /**
   * Replicas that vote.
   */
  voters: _sluice_v1_QuorumReplica__Output[]
  /**
   * Replicas that only follow.
   */
  observers: _sluice_v1_QuorumReplica__Output[]
}
