// Original file: sluice/v1/cluster.proto

import type {
  Endpoint as _sluice_v1_Endpoint,
  Endpoint__Output as _sluice_v1_Endpoint__Output,
} from '../../sluice/v1/Endpoint.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A registered broker.
 */
export interface BrokerDescription {
  /**
   * Its node id.
   */
  id?: number
  /**
   * Epoch of its registration.
   */
  epoch?: number | string | Long
  /**
   * Its rack, when it has one.
   */
  rack?: string
  /**
   * Where it is reached.
   */
  endpoints?: _sluice_v1_Endpoint[]
  /**
   * It does not serve now: silent, starting or stopped.
   */
  isFenced?: boolean
  /**
   * It is about to stop.
   */
  inControlledShutdown?: boolean
  _rack?: 'rack'
}

/**
 * A registered broker.
 */
export interface BrokerDescription__Output {
  /**
   * Its node id.
   */
  id: number
  /**
   * Epoch of its registration.
   */
  epoch: number
  /**
   * Its rack, when it has one.
   */
  rack?: string
  /**
   * Where it is reached.
   */
  endpoints: _sluice_v1_Endpoint__Output[]
  /**
   * It does not serve now: silent, starting or stopped.
   */
  isFenced: boolean
  /**
   * It is about to stop.
   */
  inControlledShutdown: boolean
  _rack?: 'rack'
}
