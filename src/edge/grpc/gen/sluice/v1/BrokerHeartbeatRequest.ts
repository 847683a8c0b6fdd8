// Original file: sluice/v1/controller.proto

import type {
  MovedReplica as _sluice_v1_MovedReplica,
  MovedReplica__Output as _sluice_v1_MovedReplica__Output,
} from '../../sluice/v1/MovedReplica.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A sign of life.
 */
export interface BrokerHeartbeatRequest {
  /**
   * Node id of the broker.
   */
  brokerId?: number
  /**
   * Epoch of its registration.
   */
  brokerEpoch?: number | string | Long
  /**
   * How far it has applied the metadata log.
   */
  metadataOffset?: number | string | Long
  /**
   * It asks to be fenced, or to stay so.
   */
  wantsFence?: boolean
  /**
   * It asks to stop: its leaderships are to be moved away.
   */
  wantsShutdown?: boolean
  /**
   * Directories that failed since its registration.
   */
  offlineDirectoryIds?: string[]
  /**
   * How long the controller may hold the answer while it has nothing to say, in ms; 0: not at all.
   */
  waitMsMax?: number
  /**
   * Replicas that live in another directory than the metadata says.
   */
  movedReplicas?: _sluice_v1_MovedReplica[]
}

/**
 * A sign of life.
 */
export interface BrokerHeartbeatRequest__Output {
  /**
   * Node id of the broker.
   */
  brokerId: number
  /**
   * Epoch of its registration.
   */
  brokerEpoch: number
  /**
   * How far it has applied the metadata log.
   */
  metadataOffset: number
  /**
   * It asks to be fenced, or to stay so.
   */
  wantsFence: boolean
  /**
   * It asks to stop: its leaderships are to be moved away.
   */
  wantsShutdown: boolean
  /**
   * Directories that failed since its registration.
   */
  offlineDirectoryIds: string[]
  /**
   * How long the controller may hold the answer while it has nothing to say, in ms; 0: not at all.
   */
  waitMsMax: number
  /**
   * Replicas that live in another directory than the metadata says.
   */
  movedReplicas: _sluice_v1_MovedReplica__Output[]
}
