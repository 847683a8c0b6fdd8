// Original file: sluice/v1/controller.proto

import type {
  AlterPartitionResponse as _sluice_v1_AlterPartitionResponse,
  AlterPartitionResponse__Output as _sluice_v1_AlterPartitionResponse__Output,
} from '../../sluice/v1/AlterPartitionResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to AlterPartition.
 */
export interface AlterPartitionAnswer {
  /**
   * What became of each partition.
   */
  response?: _sluice_v1_AlterPartitionResponse | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to AlterPartition.
 */
export interface AlterPartitionAnswer__Output {
  /**
   * What became of each partition.
   */
  response?: _sluice_v1_AlterPartitionResponse__Output | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
