// Original file: sluice/v1/log.proto

import type {
  ListOffsetsResponse as _sluice_v1_ListOffsetsResponse,
  ListOffsetsResponse__Output as _sluice_v1_ListOffsetsResponse__Output,
} from '../../sluice/v1/ListOffsetsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to ListOffsets.
 */
export interface ListOffsetsAnswer {
  /**
   * The offsets.
   */
  response?: _sluice_v1_ListOffsetsResponse | null
  /**
   * The whole request was not done.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to ListOffsets.
 */
export interface ListOffsetsAnswer__Output {
  /**
   * The offsets.
   */
  response?: _sluice_v1_ListOffsetsResponse__Output | null
  /**
   * The whole request was not done.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
