// Original file: sluice/v1/log.proto

/**
 * A header of a record.
 */
export interface PlainHeader {
  /**
   * Its name; may occur more than once.
   */
  name?: string
  /**
   * Value as bytes (base64 in JSON). Neither form of value: a null value.
   */
  valueBytes?: Buffer | Uint8Array | string
  /**
   * Value as text.
   */
  valueText?: string
  value?: 'valueBytes' | 'valueText'
}

/**
 * A header of a record.
 */
export interface PlainHeader__Output {
  /**
   * Its name; may occur more than once.
   */
  name: string
  /**
   * Value as bytes (base64 in JSON). Neither form of value: a null value.
   */
  valueBytes?: Buffer
  /**
   * Value as text.
   */
  valueText?: string
  value?: 'valueBytes' | 'valueText'
}
