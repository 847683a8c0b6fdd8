// Original file: sluice/v1/cluster.proto

import type {
  ReplicaMove as _sluice_v1_ReplicaMove,
  ReplicaMove__Output as _sluice_v1_ReplicaMove__Output,
} from '../../sluice/v1/ReplicaMove.ts'

/**
 * Replicas to move; to the directory where it is gives a move up.
 */
export interface AlterReplicaLogDirsRequest {
  /**
   * Which, and where to.
   */
  moves?: _sluice_v1_ReplicaMove[]
}

/**
 * Replicas to move; to the directory where it is gives a move up.
 */
export interface AlterReplicaLogDirsRequest__Output {
  /**
   * Which, and where to.
   */
  moves: _sluice_v1_ReplicaMove__Output[]
}
