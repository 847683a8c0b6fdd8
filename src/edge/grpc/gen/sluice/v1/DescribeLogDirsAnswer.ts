// Original file: sluice/v1/cluster.proto

import type {
  DescribeLogDirsResponse as _sluice_v1_DescribeLogDirsResponse,
  DescribeLogDirsResponse__Output as _sluice_v1_DescribeLogDirsResponse__Output,
} from '../../sluice/v1/DescribeLogDirsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to DescribeLogDirs.
 */
export interface DescribeLogDirsAnswer {
  /**
   * The directories.
   */
  response?: _sluice_v1_DescribeLogDirsResponse | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to DescribeLogDirs.
 */
export interface DescribeLogDirsAnswer__Output {
  /**
   * The directories.
   */
  response?: _sluice_v1_DescribeLogDirsResponse__Output | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
