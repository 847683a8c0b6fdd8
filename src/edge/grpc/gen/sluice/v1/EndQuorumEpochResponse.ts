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
 * Acknowledges a resignation.
 */
export interface EndQuorumEpochResponse {
  /**
   * Absent when accepted.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * Who leads, as the voter knows.
   */
  leader?: _sluice_v1_QuorumLeader | null
}

/**
 * Acknowledges a resignation.
 */
export interface EndQuorumEpochResponse__Output {
  /**
   * Absent when accepted.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * Who leads, as the voter knows.
   */
  leader: _sluice_v1_QuorumLeader__Output | null
}
