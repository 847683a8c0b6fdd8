// Original file: sluice/v1/controller.proto

import type { Long } from '@grpc/proto-loader'

/**
 * A replica of the proposed ISR.
 */
export interface IsrMember {
  /**
   * Its node id.
   */
  brokerId?: number
  /**
   * Epoch of the registration under which it fetched.
   */
  brokerEpoch?: number | string | Long
}

/**
 * A replica of the proposed ISR.
 */
export interface IsrMember__Output {
  /**
   * Its node id.
   */
  brokerId: number
  /**
   * Epoch of the registration under which it fetched.
   */
  brokerEpoch: number
}
