// Original file: sluice/v1/cluster.proto

import type {
  ReplicaMoveResult as _sluice_v1_ReplicaMoveResult,
  ReplicaMoveResult__Output as _sluice_v1_ReplicaMoveResult__Output,
} from '../../sluice/v1/ReplicaMoveResult.ts'

/**
 * In the request's order.
 */
export interface AlterReplicaLogDirsResponse {
  /**
   * The moves.
   */
  moves?: _sluice_v1_ReplicaMoveResult[]
}

/**
 * In the request's order.
 */
export interface AlterReplicaLogDirsResponse__Output {
  /**
   * The moves.
   */
  moves: _sluice_v1_ReplicaMoveResult__Output[]
}
