// Original file: sluice/v1/cluster.proto

import type {
  CreatePartitionsResponse as _sluice_v1_CreatePartitionsResponse,
  CreatePartitionsResponse__Output as _sluice_v1_CreatePartitionsResponse__Output,
} from '../../sluice/v1/CreatePartitionsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to CreatePartitions.
 */
export interface CreatePartitionsAnswer {
  /**
   * What became of each topic.
   */
  response?: _sluice_v1_CreatePartitionsResponse | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to CreatePartitions.
 */
export interface CreatePartitionsAnswer__Output {
  /**
   * What became of each topic.
   */
  response?: _sluice_v1_CreatePartitionsResponse__Output | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
