// Original file: sluice/v1/cluster.proto

import type {
  DescribedConfigs as _sluice_v1_DescribedConfigs,
  DescribedConfigs__Output as _sluice_v1_DescribedConfigs__Output,
} from '../../sluice/v1/DescribedConfigs.ts'

/**
 * In the request's order.
 */
export interface DescribeConfigsResponse {
  /**
   * The resources.
   */
  resources?: _sluice_v1_DescribedConfigs[]
}

/**
 * In the request's order.
 */
export interface DescribeConfigsResponse__Output {
  /**
   * The resources.
   */
  resources: _sluice_v1_DescribedConfigs__Output[]
}
