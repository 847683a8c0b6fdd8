// Original file: sluice/v1/cluster.proto

import type {
  AlterReplicaLogDirsResponse as _sluice_v1_AlterReplicaLogDirsResponse,
  AlterReplicaLogDirsResponse__Output as _sluice_v1_AlterReplicaLogDirsResponse__Output,
} from '../../sluice/v1/AlterReplicaLogDirsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to AlterReplicaLogDirs.
 */
export interface AlterReplicaLogDirsAnswer {
  /**
   * What was taken on.
   */
  response?: _sluice_v1_AlterReplicaLogDirsResponse | null
  /**
   * Not done.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to AlterReplicaLogDirs.
 */
export interface AlterReplicaLogDirsAnswer__Output {
  /**
   * What was taken on.
   */
  response?: _sluice_v1_AlterReplicaLogDirsResponse__Output | null
  /**
   * Not done.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
