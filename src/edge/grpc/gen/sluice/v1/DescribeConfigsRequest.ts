// Original file: sluice/v1/cluster.proto

import type {
  ConfigResource as _sluice_v1_ConfigResource,
  ConfigResource__Output as _sluice_v1_ConfigResource__Output,
} from '../../sluice/v1/ConfigResource.ts'

/**
 * Resources to describe.
 */
export interface DescribeConfigsRequest {
  /**
   * Which.
   */
  resources?: _sluice_v1_ConfigResource[]
}

/**
 * Resources to describe.
 */
export interface DescribeConfigsRequest__Output {
  /**
   * Which.
   */
  resources: _sluice_v1_ConfigResource__Output[]
}
