// Original file: sluice/v1/cluster.proto

import type {
  DescribeConfigsResponse as _sluice_v1_DescribeConfigsResponse,
  DescribeConfigsResponse__Output as _sluice_v1_DescribeConfigsResponse__Output,
} from '../../sluice/v1/DescribeConfigsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to DescribeConfigs.
 */
export interface DescribeConfigsAnswer {
  /**
   * The settings.
   */
  response?: _sluice_v1_DescribeConfigsResponse | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to DescribeConfigs.
 */
export interface DescribeConfigsAnswer__Output {
  /**
   * The settings.
   */
  response?: _sluice_v1_DescribeConfigsResponse__Output | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
