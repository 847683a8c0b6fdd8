// Original file: sluice/v1/quorum.proto

import type {
  BeginQuorumEpochResponse as _sluice_v1_BeginQuorumEpochResponse,
  BeginQuorumEpochResponse__Output as _sluice_v1_BeginQuorumEpochResponse__Output,
} from '../../sluice/v1/BeginQuorumEpochResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to BeginQuorumEpoch.
 */
export interface BeginQuorumEpochAnswer {
  /**
   * Heard.
   */
  response?: _sluice_v1_BeginQuorumEpochResponse | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to BeginQuorumEpoch.
 */
export interface BeginQuorumEpochAnswer__Output {
  /**
   * Heard.
   */
  response?: _sluice_v1_BeginQuorumEpochResponse__Output | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
