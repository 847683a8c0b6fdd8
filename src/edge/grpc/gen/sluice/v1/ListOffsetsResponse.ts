// Original file: sluice/v1/log.proto

import type {
  ListedOffset as _sluice_v1_ListedOffset,
  ListedOffset__Output as _sluice_v1_ListedOffset__Output,
} from '../../sluice/v1/ListedOffset.ts'

/**
 * One answer a question, in order.
 */
export interface ListOffsetsResponse {
  /**
   * The answers.
   */
  partitions?: _sluice_v1_ListedOffset[]
}

/**
 * One answer a question, in order.
 */
export interface ListOffsetsResponse__Output {
  /**
   * The answers.
   */
  partitions: _sluice_v1_ListedOffset__Output[]
}
