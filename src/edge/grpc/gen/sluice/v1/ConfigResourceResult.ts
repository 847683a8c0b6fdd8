// Original file: sluice/v1/cluster.proto

import type {
  ConfigResource as _sluice_v1_ConfigResource,
  ConfigResource__Output as _sluice_v1_ConfigResource__Output,
} from '../../sluice/v1/ConfigResource.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * What became of one resource.
 */
export interface ConfigResourceResult {
  /**
   * Which resource.
   */
  resource?: _sluice_v1_ConfigResource | null
  /**
   * Absent when done.
   */
  error?: _sluice_v1_Refusal | null
}

/**
 * What became of one resource.
 */
export interface ConfigResourceResult__Output {
  /**
   * Which resource.
   */
  resource: _sluice_v1_ConfigResource__Output | null
  /**
   * Absent when done.
   */
  error: _sluice_v1_Refusal__Output | null
}
