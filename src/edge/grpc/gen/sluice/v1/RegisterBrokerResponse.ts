// Original file: sluice/v1/controller.proto

import type { Long } from '@grpc/proto-loader'

/**
 * A registration.
 */
export interface RegisterBrokerResponse {
  /**
   * Epoch that every later request of this incarnation carries.
   */
  brokerEpoch?: number | string | Long
}

/**
 * A registration.
 */
export interface RegisterBrokerResponse__Output {
  /**
   * Epoch that every later request of this incarnation carries.
   */
  brokerEpoch: number
}
