// Original file: sluice/v1/cluster.proto

/**
 * One change.
 */
export interface ConfigChange {
  /**
   * Key of the setting.
   */
  key?: string
  /**
   * Its new value; absent: back to the default.
   */
  value?: string
  _value?: 'value'
}

/**
 * One change.
 */
export interface ConfigChange__Output {
  /**
   * Key of the setting.
   */
  key: string
  /**
   * Its new value; absent: back to the default.
   */
  value?: string
  _value?: 'value'
}
