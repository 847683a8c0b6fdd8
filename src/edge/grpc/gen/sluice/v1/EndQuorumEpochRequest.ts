// Original file: sluice/v1/quorum.proto

import type {
  ReplicaKey as _sluice_v1_ReplicaKey,
  ReplicaKey__Output as _sluice_v1_ReplicaKey__Output,
} from '../../sluice/v1/ReplicaKey.ts'

/**
 * A leader resigns.
 */
export interface EndQuorumEpochRequest {
  /**
   * Cluster of the leader.
   */
  clusterId?: string
  /**
   * Node id of the leader.
   */
  leaderId?: number
  /**
   * Epoch in which it led.
   */
  leaderEpoch?: number
  /**
   * Who should stand first, the best first.
   */
  preferredSuccessors?: _sluice_v1_ReplicaKey[]
}

/**
 * A leader resigns.
 */
export interface EndQuorumEpochRequest__Output {
  /**
   * Cluster of the leader.
   */
  clusterId: string
  /**
   * Node id of the leader.
   */
  leaderId: number
  /**
   * Epoch in which it led.
   */
  leaderEpoch: number
  /**
   * Who should stand first, the best first.
   */
  preferredSuccessors: _sluice_v1_ReplicaKey__Output[]
}
