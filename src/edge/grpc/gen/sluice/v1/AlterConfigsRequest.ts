// Original file: sluice/v1/cluster.proto

import type {
  ConfigAlteration as _sluice_v1_ConfigAlteration,
  ConfigAlteration__Output as _sluice_v1_ConfigAlteration__Output,
} from '../../sluice/v1/ConfigAlteration.ts'

/**
 * Settings to change.
 */
export interface AlterConfigsRequest {
  /**
   * All or nothing for each.
   */
  resources?: _sluice_v1_ConfigAlteration[]
  /**
   * Checks everything, changes nothing.
   */
  validateOnly?: boolean
}

/**
 * Settings to change.
 */
export interface AlterConfigsRequest__Output {
  /**
   * All or nothing for each.
   */
  resources: _sluice_v1_ConfigAlteration__Output[]
  /**
   * Checks everything, changes nothing.
   */
  validateOnly: boolean
}
