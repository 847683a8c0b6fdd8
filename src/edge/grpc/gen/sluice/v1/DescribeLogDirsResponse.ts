// Original file: sluice/v1/cluster.proto

import type {
  DescribedLogDir as _sluice_v1_DescribedLogDir,
  DescribedLogDir__Output as _sluice_v1_DescribedLogDir__Output,
} from '../../sluice/v1/DescribedLogDir.ts'

/**
 * In the order of log.dirs, those that could not be opened last.
 */
export interface DescribeLogDirsResponse {
  /**
   * The directories.
   */
  directories?: _sluice_v1_DescribedLogDir[]
}

/**
 * In the order of log.dirs, those that could not be opened last.
 */
export interface DescribeLogDirsResponse__Output {
  /**
   * The directories.
   */
  directories: _sluice_v1_DescribedLogDir__Output[]
}
