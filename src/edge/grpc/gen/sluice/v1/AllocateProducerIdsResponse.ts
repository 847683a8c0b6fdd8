// Original file: sluice/v1/controller.proto

import type { Long } from '@grpc/proto-loader'

/**
 * Producer ids that nobody else gets.
 */
export interface AllocateProducerIdsResponse {
  /**
   * The first one.
   */
  firstProducerId?: number | string | Long
  /**
   * How many.
   */
  producerIdCount?: number
}

/**
 * Producer ids that nobody else gets.
 */
export interface AllocateProducerIdsResponse__Output {
  /**
   * The first one.
   */
  firstProducerId: number
  /**
   * How many.
   */
  producerIdCount: number
}
