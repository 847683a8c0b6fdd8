// Original file: sluice/v1/quorum.proto

import type {
  ReplicaKey as _sluice_v1_ReplicaKey,
  ReplicaKey__Output as _sluice_v1_ReplicaKey__Output,
} from '../../sluice/v1/ReplicaKey.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A replica's pull.
 */
export interface QuorumFetchRequest {
  /**
   * Cluster of the replica.
   */
  clusterId?: string
  /**
   * Who pulls.
   */
  replica?: _sluice_v1_ReplicaKey | null
  /**
   * Epoch that the replica is in.
   */
  currentEpoch?: number
  /**
   * First offset wanted; everything below is synced on the replica's disk.
   */
  fetchOffset?: number | string | Long
  /**
   * Epoch of the entry before it; 0 for an empty log.
   */
  lastFetchedEpoch?: number
  /**
   * High watermark that the replica knows; a leader with a higher one answers at once.
   */
  highWatermark?: number | string | Long
  /**
   * Longest wait, in ms.
   */
  waitMsMax?: number
  /**
   * Most bytes of the answer, the first batch excepted.
   */
  bytesMax?: number
}

/**
 * A replica's pull.
 */
export interface QuorumFetchRequest__Output {
  /**
   * Cluster of the replica.
   */
  clusterId: string
  /**
   * Who pulls.
   */
  replica: _sluice_v1_ReplicaKey__Output | null
  /**
   * Epoch that the replica is in.
   */
  currentEpoch: number
  /**
   * First offset wanted; everything below is synced on the replica's disk.
   */
  fetchOffset: number
  /**
   * Epoch of the entry before it; 0 for an empty log.
   */
  lastFetchedEpoch: number
  /**
   * High watermark that the replica knows; a leader with a higher one answers at once.
   */
  highWatermark: number
  /**
   * Longest wait, in ms.
   */
  waitMsMax: number
  /**
   * Most bytes of the answer, the first batch excepted.
   */
  bytesMax: number
}
