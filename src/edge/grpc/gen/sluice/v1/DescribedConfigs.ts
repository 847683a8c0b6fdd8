// Original file: sluice/v1/cluster.proto

import type {
  ConfigResource as _sluice_v1_ConfigResource,
  ConfigResource__Output as _sluice_v1_ConfigResource__Output,
} from '../../sluice/v1/ConfigResource.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type {
  ConfigEntry as _sluice_v1_ConfigEntry,
  ConfigEntry__Output as _sluice_v1_ConfigEntry__Output,
} from '../../sluice/v1/ConfigEntry.ts'

/**
 * Settings of one resource.
 */
export interface DescribedConfigs {
  /**
   * Which resource.
   */
  resource?: _sluice_v1_ConfigResource | null
  /**
   * Absent when described.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * All its settings.
   */
  entries?: _sluice_v1_ConfigEntry[]
}

/**
 * Settings of one resource.
 */
export interface DescribedConfigs__Output {
  /**
   * Which resource.
   */
  resource: _sluice_v1_ConfigResource__Output | null
  /**
   * Absent when described.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * All its settings.
   */
  entries: _sluice_v1_ConfigEntry__Output[]
}
