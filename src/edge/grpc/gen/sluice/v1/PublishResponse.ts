// Original file: sluice/v1/log.proto

import type {
  PublishedRecord as _sluice_v1_PublishedRecord,
  PublishedRecord__Output as _sluice_v1_PublishedRecord__Output,
} from '../../sluice/v1/PublishedRecord.ts'

/**
 * Where the records are.
 */
export interface PublishResponse {
  /**
   * In the request's order.
   */
  records?: _sluice_v1_PublishedRecord[]
}

/**
 * Where the records are.
 */
export interface PublishResponse__Output {
  /**
   * In the request's order.
   */
  records: _sluice_v1_PublishedRecord__Output[]
}
