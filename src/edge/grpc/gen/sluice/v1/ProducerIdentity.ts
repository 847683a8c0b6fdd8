// Original file: sluice/v1/log.proto

import type { Long } from '@grpc/proto-loader'

/**
 * Id and epoch of an idempotent producer.
 */
export interface ProducerIdentity {
  /**
   * Given to nobody else.
   */
  producerId?: number | string | Long
  /**
   * Grows when its sequences begin anew.
   */
  producerEpoch?: number
}

/**
 * Id and epoch of an idempotent producer.
 */
export interface ProducerIdentity__Output {
  /**
   * Given to nobody else.
   */
  producerId: number
  /**
   * Grows when its sequences begin anew.
   */
  producerEpoch: number
}
