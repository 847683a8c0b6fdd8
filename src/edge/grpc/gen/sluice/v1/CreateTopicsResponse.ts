// Original file: sluice/v1/cluster.proto

import type {
  CreatedTopic as _sluice_v1_CreatedTopic,
  CreatedTopic__Output as _sluice_v1_CreatedTopic__Output,
} from '../../sluice/v1/CreatedTopic.ts'

/**
 * In the request's order.
 */
export interface CreateTopicsResponse {
  /**
   * What became of each topic.
   */
  topics?: _sluice_v1_CreatedTopic[]
}

/**
 * In the request's order.
 */
export interface CreateTopicsResponse__Output {
  /**
   * What became of each topic.
   */
  topics: _sluice_v1_CreatedTopic__Output[]
}
