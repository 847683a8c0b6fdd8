// Original file: sluice/v1/replication.proto

import type {
  ReplicaPosition as _sluice_v1_ReplicaPosition,
  ReplicaPosition__Output as _sluice_v1_ReplicaPosition__Output,
} from '../../sluice/v1/ReplicaPosition.ts'
import type {
  ForgottenPartition as _sluice_v1_ForgottenPartition,
  ForgottenPartition__Output as _sluice_v1_ForgottenPartition__Output,
} from '../../sluice/v1/ForgottenPartition.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A long poll over all partitions of a session.
 */
export interface ReplicaFetchRequest {
  /**
   * Node id of the follower.
   */
  replicaId?: number
  /**
   * Epoch of its registration.
   */
  brokerEpoch?: number | string | Long
  /**
   * Chosen by the follower, one per stream.
   */
  sessionId?: number | string | Long
  /**
   * 0 starts the session with all positions; then 1, 2, … with the changed ones.
   */
  sequence?: number | string | Long
  /**
   * Longest wait, in ms.
   */
  waitMsMax?: number
  /**
   * Most bytes of the whole answer, the first batch excepted.
   */
  bytesMax?: number
  /**
   * Positions, all or changed.
   */
  positions?: _sluice_v1_ReplicaPosition[]
  /**
   * Partitions that left the session.
   */
  forgotten?: _sluice_v1_ForgottenPartition[]
}

/**
 * A long poll over all partitions of a session.
 */
export interface ReplicaFetchRequest__Output {
  /**
   * Node id of the follower.
   */
  replicaId: number
  /**
   * Epoch of its registration.
   */
  brokerEpoch: number
  /**
   * Chosen by the follower, one per stream.
   */
  sessionId: number
  /**
   * 0 starts the session with all positions; then 1, 2, … with the changed ones.
   */
  sequence: number
  /**
   * Longest wait, in ms.
   */
  waitMsMax: number
  /**
   * Most bytes of the whole answer, the first batch excepted.
   */
  bytesMax: number
  /**
   * Positions, all or changed.
   */
  positions: _sluice_v1_ReplicaPosition__Output[]
  /**
   * Partitions that left the session.
   */
  forgotten: _sluice_v1_ForgottenPartition__Output[]
}
