// Original file: sluice/v1/envelope.proto

import type { Long } from '@grpc/proto-loader'

/**
 * What a broker adds to its Hello.
 */
export interface BrokerHello {
  /**
   * Its node id.
   */
  brokerId?: number
  /**
   * Epoch of its registration; absent until the controller has registered this incarnation.
   */
  brokerEpoch?: number | string | Long
  /**
   * Id of this life of its process.
   */
  incarnationId?: string
  /**
   * Ids of its log directories.
   */
  directoryIds?: string[]
  _brokerEpoch?: 'brokerEpoch'
}

/**
 * What a broker adds to its Hello.
 */
export interface BrokerHello__Output {
  /**
   * Its node id.
   */
  brokerId: number
  /**
   * Epoch of its registration; absent until the controller has registered this incarnation.
   */
  brokerEpoch?: number
  /**
   * Id of this life of its process.
   */
  incarnationId: string
  /**
   * Ids of its log directories.
   */
  directoryIds: string[]
  _brokerEpoch?: 'brokerEpoch'
}
