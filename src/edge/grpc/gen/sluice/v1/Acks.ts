// Original file: sluice/v1/log.proto

/**
 * When a produce is acknowledged.
 */
export const Acks = {
  /**
   * Durable on every in-sync replica.
   */
  ACKS_ALL: 'ACKS_ALL',
  /**
   * Answered at once, whatever happens.
   */
  ACKS_NONE: 'ACKS_NONE',
  /**
   * Durable on the leader.
   */
  ACKS_LEADER: 'ACKS_LEADER',
} as const

/**
 * When a produce is acknowledged.
 */
export type Acks =
  /**
   * Durable on every in-sync replica.
   */
  | 'ACKS_ALL'
  | 0
  /**
   * Answered at once, whatever happens.
   */
  | 'ACKS_NONE'
  | 1
  /**
   * Durable on the leader.
   */
  | 'ACKS_LEADER'
  | 2

/**
 * When a produce is acknowledged.
 */
export type Acks__Output = (typeof Acks)[keyof typeof Acks]
