// Original file: sluice/v1/log.proto

import type {
  OffsetQuestion as _sluice_v1_OffsetQuestion,
  OffsetQuestion__Output as _sluice_v1_OffsetQuestion__Output,
} from '../../sluice/v1/OffsetQuestion.ts'

/**
 * Asks for offsets.
 */
export interface ListOffsetsRequest {
  /**
   * One question a partition.
   */
  questions?: _sluice_v1_OffsetQuestion[]
}

/**
 * Asks for offsets.
 */
export interface ListOffsetsRequest__Output {
  /**
   * One question a partition.
   */
  questions: _sluice_v1_OffsetQuestion__Output[]
}
