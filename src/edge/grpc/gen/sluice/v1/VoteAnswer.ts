// Original file: sluice/v1/quorum.proto

import type {
  VoteResponse as _sluice_v1_VoteResponse,
  VoteResponse__Output as _sluice_v1_VoteResponse__Output,
} from '../../sluice/v1/VoteResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to Vote.
 */
export interface VoteAnswer {
  /**
   * The vote.
   */
  response?: _sluice_v1_VoteResponse | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to Vote.
 */
export interface VoteAnswer__Output {
  /**
   * The vote.
   */
  response?: _sluice_v1_VoteResponse__Output | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
