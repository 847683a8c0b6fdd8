// Original file: sluice/v1/controller.proto

import type {
  UncleanLog as _sluice_v1_UncleanLog,
  UncleanLog__Output as _sluice_v1_UncleanLog__Output,
} from '../../sluice/v1/UncleanLog.ts'

/**
 * One log directory.
 */
export interface DirectoryReport {
  /**
   * Its id.
   */
  directoryId?: string
  /**
   * It was closed in order.
   */
  wasClean?: boolean
  /**
   * Logs that cannot be vouched for.
   */
  uncleanLogs?: _sluice_v1_UncleanLog[]
  /**
   * Whole logs may be missing: no partition that lives in it can be vouched for.
   */
  mayMissLogs?: boolean
}

/**
 * One log directory.
 */
export interface DirectoryReport__Output {
  /**
   * Its id.
   */
  directoryId: string
  /**
   * It was closed in order.
   */
  wasClean: boolean
  /**
   * Logs that cannot be vouched for.
   */
  uncleanLogs: _sluice_v1_UncleanLog__Output[]
  /**
   * Whole logs may be missing: no partition that lives in it can be vouched for.
   */
  mayMissLogs: boolean
}
