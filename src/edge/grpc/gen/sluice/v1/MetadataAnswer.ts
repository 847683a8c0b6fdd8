// Original file: sluice/v1/cluster.proto

import type {
  MetadataResponse as _sluice_v1_MetadataResponse,
  MetadataResponse__Output as _sluice_v1_MetadataResponse__Output,
} from '../../sluice/v1/MetadataResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to DescribeMetadata.
 */
export interface MetadataAnswer {
  /**
   * The description.
   */
  response?: _sluice_v1_MetadataResponse | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to DescribeMetadata.
 */
export interface MetadataAnswer__Output {
  /**
   * The description.
   */
  response?: _sluice_v1_MetadataResponse__Output | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
