// Original file: sluice/v1/cluster.proto

import type {
  TopicResult as _sluice_v1_TopicResult,
  TopicResult__Output as _sluice_v1_TopicResult__Output,
} from '../../sluice/v1/TopicResult.ts'

/**
 * In the request's order.
 */
export interface DeleteTopicsResponse {
  /**
   * What became of each topic.
   */
  topics?: _sluice_v1_TopicResult[]
}

/**
 * In the request's order.
 */
export interface DeleteTopicsResponse__Output {
  /**
   * What became of each topic.
   */
  topics: _sluice_v1_TopicResult__Output[]
}
