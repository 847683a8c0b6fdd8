// Original file: sluice/v1/cluster.proto

import type {
  CreateTopicsResponse as _sluice_v1_CreateTopicsResponse,
  CreateTopicsResponse__Output as _sluice_v1_CreateTopicsResponse__Output,
} from '../../sluice/v1/CreateTopicsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to CreateTopics.
 */
export interface CreateTopicsAnswer {
  /**
   * What became of each topic.
   */
  response?: _sluice_v1_CreateTopicsResponse | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to CreateTopics.
 */
export interface CreateTopicsAnswer__Output {
  /**
   * What became of each topic.
   */
  response?: _sluice_v1_CreateTopicsResponse__Output | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
