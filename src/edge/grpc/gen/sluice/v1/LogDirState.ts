// Original file: sluice/v1/cluster.proto

/**
 * Whether a log directory takes writes.
 */
export const LogDirState = {
  /**
   * It does.
   */
  LOG_DIR_STATE_ONLINE: 'LOG_DIR_STATE_ONLINE',
  /**
   * Not those of producers: its disk is below the reserve.
   */
  LOG_DIR_STATE_LOW: 'LOG_DIR_STATE_LOW',
  /**
   * None until space returns.
   */
  LOG_DIR_STATE_FULL: 'LOG_DIR_STATE_FULL',
  /**
   * None before the broker starts again.
   */
  LOG_DIR_STATE_OFFLINE: 'LOG_DIR_STATE_OFFLINE',
} as const

/**
 * Whether a log directory takes writes.
 */
export type LogDirState =
  /**
   * It does.
   */
  | 'LOG_DIR_STATE_ONLINE'
  | 0
  /**
   * Not those of producers: its disk is below the reserve.
   */
  | 'LOG_DIR_STATE_LOW'
  | 1
  /**
   * None until space returns.
   */
  | 'LOG_DIR_STATE_FULL'
  | 2
  /**
   * None before the broker starts again.
   */
  | 'LOG_DIR_STATE_OFFLINE'
  | 3

/**
 * Whether a log directory takes writes.
 */
export type LogDirState__Output = (typeof LogDirState)[keyof typeof LogDirState]
