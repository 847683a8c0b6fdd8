// Original file: sluice/v1/cluster.proto

import type {
  BrokerDescription as _sluice_v1_BrokerDescription,
  BrokerDescription__Output as _sluice_v1_BrokerDescription__Output,
} from '../../sluice/v1/BrokerDescription.ts'
import type {
  TopicDescription as _sluice_v1_TopicDescription,
  TopicDescription__Output as _sluice_v1_TopicDescription__Output,
} from '../../sluice/v1/TopicDescription.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * One consistent image of the cluster.
 */
export interface MetadataResponse {
  /**
   * Id of the cluster.
   */
  clusterId?: string
  /**
   * Node id of the active controller, as far as known.
   */
  controllerId?: number
  /**
   * Offset of the metadata log up to which the image is built.
   */
  metadataOffset?: number | string | Long
  /**
   * Registered brokers.
   */
  brokers?: _sluice_v1_BrokerDescription[]
  /**
   * Topics asked for.
   */
  topics?: _sluice_v1_TopicDescription[]
  _controllerId?: 'controllerId'
}

/**
 * One consistent image of the cluster.
 */
export interface MetadataResponse__Output {
  /**
   * Id of the cluster.
   */
  clusterId: string
  /**
   * Node id of the active controller, as far as known.
   */
  controllerId?: number
  /**
   * Offset of the metadata log up to which the image is built.
   */
  metadataOffset: number
  /**
   * Registered brokers.
   */
  brokers: _sluice_v1_BrokerDescription__Output[]
  /**
   * Topics asked for.
   */
  topics: _sluice_v1_TopicDescription__Output[]
  _controllerId?: 'controllerId'
}
