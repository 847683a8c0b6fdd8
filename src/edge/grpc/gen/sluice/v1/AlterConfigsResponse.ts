// Original file: sluice/v1/cluster.proto

import type {
  ConfigResourceResult as _sluice_v1_ConfigResourceResult,
  ConfigResourceResult__Output as _sluice_v1_ConfigResourceResult__Output,
} from '../../sluice/v1/ConfigResourceResult.ts'

/**
 * In the request's order.
 */
export interface AlterConfigsResponse {
  /**
   * What became of each resource.
   */
  resources?: _sluice_v1_ConfigResourceResult[]
}

/**
 * In the request's order.
 */
export interface AlterConfigsResponse__Output {
  /**
   * What became of each resource.
   */
  resources: _sluice_v1_ConfigResourceResult__Output[]
}
