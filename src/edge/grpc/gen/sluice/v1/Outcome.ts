// Original file: sluice/v1/envelope.proto

/**
 * Whether a request without success may have had an effect.
 */
export const Outcome = {
  /**
   * Not said.
   */
  OUTCOME_UNSPECIFIED: 'OUTCOME_UNSPECIFIED',
  /**
   * Nothing happened.
   */
  OUTCOME_REFUSED: 'OUTCOME_REFUSED',
  /**
   * It may have happened, now or later.
   */
  OUTCOME_UNKNOWN: 'OUTCOME_UNKNOWN',
} as const

/**
 * Whether a request without success may have had an effect.
 */
export type Outcome =
  /**
   * Not said.
   */
  | 'OUTCOME_UNSPECIFIED'
  | 0
  /**
   * Nothing happened.
   */
  | 'OUTCOME_REFUSED'
  | 1
  /**
   * It may have happened, now or later.
   */
  | 'OUTCOME_UNKNOWN'
  | 2

/**
 * Whether a request without success may have had an effect.
 */
export type Outcome__Output = (typeof Outcome)[keyof typeof Outcome]
