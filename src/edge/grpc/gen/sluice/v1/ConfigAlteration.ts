// Original file: sluice/v1/cluster.proto

import type {
  ConfigResource as _sluice_v1_ConfigResource,
  ConfigResource__Output as _sluice_v1_ConfigResource__Output,
} from '../../sluice/v1/ConfigResource.ts'
import type {
  ConfigChange as _sluice_v1_ConfigChange,
  ConfigChange__Output as _sluice_v1_ConfigChange__Output,
} from '../../sluice/v1/ConfigChange.ts'

/**
 * Changes of one resource.
 */
export interface ConfigAlteration {
  /**
   * Which resource.
   */
  resource?: _sluice_v1_ConfigResource | null
  /**
   * What to change.
   */
  changes?: _sluice_v1_ConfigChange[]
}

/**
 * Changes of one resource.
 */
export interface ConfigAlteration__Output {
  /**
   * Which resource.
   */
  resource: _sluice_v1_ConfigResource__Output | null
  /**
   * What to change.
   */
  changes: _sluice_v1_ConfigChange__Output[]
}
