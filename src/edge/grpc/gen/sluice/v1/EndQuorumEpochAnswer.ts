// Original file: sluice/v1/quorum.proto

import type {
  EndQuorumEpochResponse as _sluice_v1_EndQuorumEpochResponse,
  EndQuorumEpochResponse__Output as _sluice_v1_EndQuorumEpochResponse__Output,
} from '../../sluice/v1/EndQuorumEpochResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to EndQuorumEpoch.
 */
export interface EndQuorumEpochAnswer {
  /**
   * Heard.
   */
  response?: _sluice_v1_EndQuorumEpochResponse | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to EndQuorumEpoch.
 */
export interface EndQuorumEpochAnswer__Output {
  /**
   * Heard.
   */
  response?: _sluice_v1_EndQuorumEpochResponse__Output | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
