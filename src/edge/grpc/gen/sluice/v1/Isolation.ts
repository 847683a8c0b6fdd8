// Original file: sluice/v1/log.proto

/**
 * How far a reader sees.
 */
export const Isolation = {
  /**
   * Below the last stable offset: no record of an open or aborted transaction.
   */
  ISOLATION_COMMITTED: 'ISOLATION_COMMITTED',
  /**
   * Below the high watermark.
   */
  ISOLATION_UNCOMMITTED: 'ISOLATION_UNCOMMITTED',
} as const

/**
 * How far a reader sees.
 */
export type Isolation =
  /**
   * Below the last stable offset: no record of an open or aborted transaction.
   */
  | 'ISOLATION_COMMITTED'
  | 0
  /**
   * Below the high watermark.
   */
  | 'ISOLATION_UNCOMMITTED'
  | 1

/**
 * How far a reader sees.
 */
export type Isolation__Output = (typeof Isolation)[keyof typeof Isolation]
