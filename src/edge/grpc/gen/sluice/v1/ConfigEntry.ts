// Original file: sluice/v1/cluster.proto

import type {
  ConfigSource as _sluice_v1_ConfigSource,
  ConfigSource__Output as _sluice_v1_ConfigSource__Output,
} from '../../sluice/v1/ConfigSource.ts'

/**
 * One setting as it is in force.
 */
export interface ConfigEntry {
  /**
   * Its key.
   */
  key?: string
  /**
   * Its value.
   */
  value?: string
  /**
   * Where the value comes from.
   */
  source?: _sluice_v1_ConfigSource
  /**
   * It cannot be changed while the node runs.
   */
  isReadOnly?: boolean
  /**
   * What it does, in a sentence.
   */
  doc?: string
}

/**
 * One setting as it is in force.
 */
export interface ConfigEntry__Output {
  /**
   * Its key.
   */
  key: string
  /**
   * Its value.
   */
  value: string
  /**
   * Where the value comes from.
   */
  source: _sluice_v1_ConfigSource__Output
  /**
   * It cannot be changed while the node runs.
   */
  isReadOnly: boolean
  /**
   * What it does, in a sentence.
   */
  doc: string
}
