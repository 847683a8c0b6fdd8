// Original file: sluice/v1/quorum.proto

import type {
  ReplicaKey as _sluice_v1_ReplicaKey,
  ReplicaKey__Output as _sluice_v1_ReplicaKey__Output,
} from '../../sluice/v1/ReplicaKey.ts'
import type {
  Endpoint as _sluice_v1_Endpoint,
  Endpoint__Output as _sluice_v1_Endpoint__Output,
} from '../../sluice/v1/Endpoint.ts'

/**
 * A leader makes itself known to a voter.
 */
export interface BeginQuorumEpochRequest {
  /**
   * Cluster of the leader.
   */
  clusterId?: string
  /**
   * Who is told.
   */
  voter?: _sluice_v1_ReplicaKey | null
  /**
   * Node id of the leader.
   */
  leaderId?: number
  /**
   * Epoch in which it leads.
   */
  leaderEpoch?: number
  /**
   * Where it is reached.
   */
  leaderEndpoint?: _sluice_v1_Endpoint | null
}

/**
 * A leader makes itself known to a voter.
 */
export interface BeginQuorumEpochRequest__Output {
  /**
   * Cluster of the leader.
   */
  clusterId: string
  /**
   * Who is told.
   */
  voter: _sluice_v1_ReplicaKey__Output | null
  /**
   * Node id of the leader.
   */
  leaderId: number
  /**
   * Epoch in which it leads.
   */
  leaderEpoch: number
  /**
   * Where it is reached.
   */
  leaderEndpoint: _sluice_v1_Endpoint__Output | null
}
