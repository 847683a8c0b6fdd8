// Original file: sluice/v1/cluster.proto

/**
 * Where a value comes from.
 */
export const ConfigSource = {
  /**
   * Nobody set it.
   */
  CONFIG_SOURCE_DEFAULT: 'CONFIG_SOURCE_DEFAULT',
  /**
   * Set when the node was started.
   */
  CONFIG_SOURCE_STATIC: 'CONFIG_SOURCE_STATIC',
  /**
   * Set for all brokers.
   */
  CONFIG_SOURCE_CLUSTER: 'CONFIG_SOURCE_CLUSTER',
  /**
   * Set for this broker.
   */
  CONFIG_SOURCE_BROKER: 'CONFIG_SOURCE_BROKER',
  /**
   * Set for this topic.
   */
  CONFIG_SOURCE_TOPIC: 'CONFIG_SOURCE_TOPIC',
} as const

/**
 * Where a value comes from.
 */
export type ConfigSource =
  /**
   * Nobody set it.
   */
  | 'CONFIG_SOURCE_DEFAULT'
  | 0
  /**
   * Set when the node was started.
   */
  | 'CONFIG_SOURCE_STATIC'
  | 1
  /**
   * Set for all brokers.
   */
  | 'CONFIG_SOURCE_CLUSTER'
  | 2
  /**
   * Set for this broker.
   */
  | 'CONFIG_SOURCE_BROKER'
  | 3
  /**
   * Set for this topic.
   */
  | 'CONFIG_SOURCE_TOPIC'
  | 4

/**
 * Where a value comes from.
 */
export type ConfigSource__Output = (typeof ConfigSource)[keyof typeof ConfigSource]
