// Original file: sluice/v1/cluster.proto

/**
 * What settings belong to.
 */
export const ConfigResourceType = {
  /**
   * Not said: refused.
   */
  CONFIG_RESOURCE_TYPE_UNSPECIFIED: 'CONFIG_RESOURCE_TYPE_UNSPECIFIED',
  /**
   * A topic, by name.
   */
  CONFIG_RESOURCE_TYPE_TOPIC: 'CONFIG_RESOURCE_TYPE_TOPIC',
  /**
   * A broker, by node id.
   */
  CONFIG_RESOURCE_TYPE_BROKER: 'CONFIG_RESOURCE_TYPE_BROKER',
  /**
   * The default of all brokers; the name is empty.
   */
  CONFIG_RESOURCE_TYPE_CLUSTER: 'CONFIG_RESOURCE_TYPE_CLUSTER',
} as const

/**
 * What settings belong to.
 */
export type ConfigResourceType =
  /**
   * Not said: refused.
   */
  | 'CONFIG_RESOURCE_TYPE_UNSPECIFIED'
  | 0
  /**
   * A topic, by name.
   */
  | 'CONFIG_RESOURCE_TYPE_TOPIC'
  | 1
  /**
   * A broker, by node id.
   */
  | 'CONFIG_RESOURCE_TYPE_BROKER'
  | 2
  /**
   * The default of all brokers; the name is empty.
   */
  | 'CONFIG_RESOURCE_TYPE_CLUSTER'
  | 3

/**
 * What settings belong to.
 */
export type ConfigResourceType__Output =
  (typeof ConfigResourceType)[keyof typeof ConfigResourceType]
