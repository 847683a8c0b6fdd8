// Original file: sluice/v1/cluster.proto

import type {
  ElectLeadersResponse as _sluice_v1_ElectLeadersResponse,
  ElectLeadersResponse__Output as _sluice_v1_ElectLeadersResponse__Output,
} from '../../sluice/v1/ElectLeadersResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to ElectLeaders.
 */
export interface ElectLeadersAnswer {
  /**
   * What became of each partition.
   */
  response?: _sluice_v1_ElectLeadersResponse | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to ElectLeaders.
 */
export interface ElectLeadersAnswer__Output {
  /**
   * What became of each partition.
   */
  response?: _sluice_v1_ElectLeadersResponse__Output | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
