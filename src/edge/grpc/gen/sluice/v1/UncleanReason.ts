// Original file: sluice/v1/controller.proto

/**
 * Why a log cannot be vouched for.
 */
export const UncleanReason = {
  /**
   * Writes that were not synced may be gone.
   */
  UNCLEAN_REASON_INTERVAL: 'UNCLEAN_REASON_INTERVAL',
  /**
   * Damaged below the recovery point.
   */
  UNCLEAN_REASON_CORRUPT: 'UNCLEAN_REASON_CORRUPT',
  /**
   * All offsets are there, some ranges cannot be read.
   */
  UNCLEAN_REASON_DAMAGED: 'UNCLEAN_REASON_DAMAGED',
} as const

/**
 * Why a log cannot be vouched for.
 */
export type UncleanReason =
  /**
   * Writes that were not synced may be gone.
   */
  | 'UNCLEAN_REASON_INTERVAL'
  | 0
  /**
   * Damaged below the recovery point.
   */
  | 'UNCLEAN_REASON_CORRUPT'
  | 1
  /**
   * All offsets are there, some ranges cannot be read.
   */
  | 'UNCLEAN_REASON_DAMAGED'
  | 2

/**
 * Why a log cannot be vouched for.
 */
export type UncleanReason__Output = (typeof UncleanReason)[keyof typeof UncleanReason]
