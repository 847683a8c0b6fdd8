// Original file: sluice/v1/controller.proto

import type { Long } from '@grpc/proto-loader'

/**
 * A broker has no producer ids left.
 */
export interface AllocateProducerIdsRequest {
  /**
   * Who asks.
   */
  brokerId?: number
  /**
   * Epoch of its registration.
   */
  brokerEpoch?: number | string | Long
}

/**
 * A broker has no producer ids left.
 */
export interface AllocateProducerIdsRequest__Output {
  /**
   * Who asks.
   */
  brokerId: number
  /**
   * Epoch of its registration.
   */
  brokerEpoch: number
}
