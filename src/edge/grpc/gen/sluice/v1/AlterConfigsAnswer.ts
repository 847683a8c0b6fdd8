// Original file: sluice/v1/cluster.proto

import type {
  AlterConfigsResponse as _sluice_v1_AlterConfigsResponse,
  AlterConfigsResponse__Output as _sluice_v1_AlterConfigsResponse__Output,
} from '../../sluice/v1/AlterConfigsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to AlterConfigs.
 */
export interface AlterConfigsAnswer {
  /**
   * What became of each resource.
   */
  response?: _sluice_v1_AlterConfigsResponse | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to AlterConfigs.
 */
export interface AlterConfigsAnswer__Output {
  /**
   * What became of each resource.
   */
  response?: _sluice_v1_AlterConfigsResponse__Output | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
