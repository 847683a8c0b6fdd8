// Original file: sluice/v1/envelope.proto

import type {
  BrokerHello as _sluice_v1_BrokerHello,
  BrokerHello__Output as _sluice_v1_BrokerHello__Output,
} from '../../sluice/v1/BrokerHello.ts'

/**
 * Who calls.
 */
export interface Hello {
  /**
   * Cluster that the caller belongs to; another one refuses the call. Absent: takes whichever answers.
   */
  clusterId?: string
  /**
   * Lowest protocol version that the caller speaks.
   */
  protocolMin?: number
  /**
   * Highest protocol version that the caller speaks.
   */
  protocolMax?: number
  /**
   * Name of the calling program, for logs.
   */
  clientId?: string
  /**
   * Optional abilities of the caller, by name.
   */
  features?: string[]
  /**
   * Present when a broker or controller calls.
   */
  broker?: _sluice_v1_BrokerHello | null
  _clusterId?: 'clusterId'
}

/**
 * Who calls.
 */
export interface Hello__Output {
  /**
   * Cluster that the caller belongs to; another one refuses the call. Absent: takes whichever answers.
   */
  clusterId?: string
  /**
   * Lowest protocol version that the caller speaks.
   */
  protocolMin: number
  /**
   * Highest protocol version that the caller speaks.
   */
  protocolMax: number
  /**
   * Name of the calling program, for logs.
   */
  clientId: string
  /**
   * Optional abilities of the caller, by name.
   */
  features: string[]
  /**
   * Present when a broker or controller calls.
   */
  broker: _sluice_v1_BrokerHello__Output | null
  _clusterId?: 'clusterId'
}
