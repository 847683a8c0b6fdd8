// Original file: sluice/v1/cluster.proto

import type {
  ConfigResourceType as _sluice_v1_ConfigResourceType,
  ConfigResourceType__Output as _sluice_v1_ConfigResourceType__Output,
} from '../../sluice/v1/ConfigResourceType.ts'

/**
 * Something that has settings.
 */
export interface ConfigResource {
  /**
   * What it is.
   */
  type?: _sluice_v1_ConfigResourceType
  /**
   * Which one.
   */
  name?: string
}

/**
 * Something that has settings.
 */
export interface ConfigResource__Output {
  /**
   * What it is.
   */
  type: _sluice_v1_ConfigResourceType__Output
  /**
   * Which one.
   */
  name: string
}
