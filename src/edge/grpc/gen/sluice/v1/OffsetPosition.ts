// Original file: sluice/v1/log.proto

/**
 * A position that a question may name.
 */
export const OffsetPosition = {
  /**
   * Not said: the question names a time.
   */
  OFFSET_POSITION_UNSPECIFIED: 'OFFSET_POSITION_UNSPECIFIED',
  /**
   * First offset of the log.
   */
  OFFSET_POSITION_EARLIEST: 'OFFSET_POSITION_EARLIEST',
  /**
   * End of what readers see.
   */
  OFFSET_POSITION_LATEST: 'OFFSET_POSITION_LATEST',
  /**
   * The first of the records with the greatest timestamp.
   */
  OFFSET_POSITION_MAX_TIMESTAMP: 'OFFSET_POSITION_MAX_TIMESTAMP',
} as const

/**
 * A position that a question may name.
 */
export type OffsetPosition =
  /**
   * Not said: the question names a time.
   */
  | 'OFFSET_POSITION_UNSPECIFIED'
  | 0
  /**
   * First offset of the log.
   */
  | 'OFFSET_POSITION_EARLIEST'
  | 1
  /**
   * End of what readers see.
   */
  | 'OFFSET_POSITION_LATEST'
  | 2
  /**
   * The first of the records with the greatest timestamp.
   */
  | 'OFFSET_POSITION_MAX_TIMESTAMP'
  | 3

/**
 * A position that a question may name.
 */
export type OffsetPosition__Output = (typeof OffsetPosition)[keyof typeof OffsetPosition]
