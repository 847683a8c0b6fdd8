// Original file: sluice/v1/quorum.proto

import type {
  DescribeQuorumResponse as _sluice_v1_DescribeQuorumResponse,
  DescribeQuorumResponse__Output as _sluice_v1_DescribeQuorumResponse__Output,
} from '../../sluice/v1/DescribeQuorumResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to DescribeQuorum.
 */
export interface DescribeQuorumAnswer {
  /**
   * The state.
   */
  response?: _sluice_v1_DescribeQuorumResponse | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to DescribeQuorum.
 */
export interface DescribeQuorumAnswer__Output {
  /**
   * The state.
   */
  response?: _sluice_v1_DescribeQuorumResponse__Output | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
