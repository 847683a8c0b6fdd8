// Original file: sluice/v1/cluster.proto

import type {
  LogDirState as _sluice_v1_LogDirState,
  LogDirState__Output as _sluice_v1_LogDirState__Output,
} from '../../sluice/v1/LogDirState.ts'
import type {
  LogDirDisk as _sluice_v1_LogDirDisk,
  LogDirDisk__Output as _sluice_v1_LogDirDisk__Output,
} from '../../sluice/v1/LogDirDisk.ts'
import type {
  DescribedLog as _sluice_v1_DescribedLog,
  DescribedLog__Output as _sluice_v1_DescribedLog__Output,
} from '../../sluice/v1/DescribedLog.ts'

/**
 * One log directory.
 */
export interface DescribedLogDir {
  /**
   * Where it is.
   */
  path?: string
  /**
   * Its id; absent when it could not be opened.
   */
  directoryId?: string
  /**
   * Whether it takes writes.
   */
  state?: _sluice_v1_LogDirState
  /**
   * Its disk, when that answers.
   */
  disk?: _sluice_v1_LogDirDisk | null
  /**
   * The logs in it.
   */
  logs?: _sluice_v1_DescribedLog[]
  _directoryId?: 'directoryId'
}

/**
 * One log directory.
 */
export interface DescribedLogDir__Output {
  /**
   * Where it is.
   */
  path: string
  /**
   * Its id; absent when it could not be opened.
   */
  directoryId?: string
  /**
   * Whether it takes writes.
   */
  state: _sluice_v1_LogDirState__Output
  /**
   * Its disk, when that answers.
   */
  disk: _sluice_v1_LogDirDisk__Output | null
  /**
   * The logs in it.
   */
  logs: _sluice_v1_DescribedLog__Output[]
  _directoryId?: 'directoryId'
}
