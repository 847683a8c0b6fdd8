// Original file: sluice/v1/quorum.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type {
  QuorumLeader as _sluice_v1_QuorumLeader,
  QuorumLeader__Output as _sluice_v1_QuorumLeader__Output,
} from '../../sluice/v1/QuorumLeader.ts'

/**
 * A vote, or its denial.
 */
export interface VoteResponse {
  /**
   * Absent when the question was in order.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * Who leads, as the voter knows.
   */
  leader?: _sluice_v1_QuorumLeader | null
  /**
   * Whether the vote was given.
   */
  isGranted?: boolean
}

/**
 * A vote, or its denial.
 */
export interface VoteResponse__Output {
  /**
   * Absent when the question was in order.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * Who leads, as the voter knows.
   */
  leader: _sluice_v1_QuorumLeader__Output | null
  /**
   * Whether the vote was given.
   */
  isGranted: boolean
}
