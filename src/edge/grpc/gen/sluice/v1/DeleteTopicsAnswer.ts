// Original file: sluice/v1/cluster.proto

import type {
  DeleteTopicsResponse as _sluice_v1_DeleteTopicsResponse,
  DeleteTopicsResponse__Output as _sluice_v1_DeleteTopicsResponse__Output,
} from '../../sluice/v1/DeleteTopicsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to DeleteTopics.
 */
export interface DeleteTopicsAnswer {
  /**
   * What became of each topic.
   */
  response?: _sluice_v1_DeleteTopicsResponse | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to DeleteTopics.
 */
export interface DeleteTopicsAnswer__Output {
  /**
   * What became of each topic.
   */
  response?: _sluice_v1_DeleteTopicsResponse__Output | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
