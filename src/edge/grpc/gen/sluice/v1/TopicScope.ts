// Original file: sluice/v1/cluster.proto

/**
 * Which topics a description covers.
 */
export const TopicScope = {
  /**
   * Every topic.
   */
  TOPIC_SCOPE_ALL: 'TOPIC_SCOPE_ALL',
  /**
   * No topic: brokers only.
   */
  TOPIC_SCOPE_NONE: 'TOPIC_SCOPE_NONE',
  /**
   * The topics named.
   */
  TOPIC_SCOPE_NAMED: 'TOPIC_SCOPE_NAMED',
} as const

/**
 * Which topics a description covers.
 */
export type TopicScope =
  /**
   * Every topic.
   */
  | 'TOPIC_SCOPE_ALL'
  | 0
  /**
   * No topic: brokers only.
   */
  | 'TOPIC_SCOPE_NONE'
  | 1
  /**
   * The topics named.
   */
  | 'TOPIC_SCOPE_NAMED'
  | 2

/**
 * Which topics a description covers.
 */
export type TopicScope__Output = (typeof TopicScope)[keyof typeof TopicScope]
