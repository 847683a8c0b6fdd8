// Original file: sluice/v1/log.proto

import type {
  PlainHeader as _sluice_v1_PlainHeader,
  PlainHeader__Output as _sluice_v1_PlainHeader__Output,
} from '../../sluice/v1/PlainHeader.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A record as people write it.
 */
export interface PlainRecord {
  /**
   * Key as bytes (base64 in JSON).
   */
  keyBytes?: Buffer | Uint8Array | string
  /**
   * Key as text.
   */
  keyText?: string
  /**
   * Value as bytes (base64 in JSON). Neither form of value: a null value.
   */
  valueBytes?: Buffer | Uint8Array | string
  /**
   * Value as text.
   */
  valueText?: string
  /**
   * Headers in order.
   */
  headers?: _sluice_v1_PlainHeader[]
  /**
   * Time of the record in ms since 1970; absent: now.
   */
  timestampMs?: number | string | Long
  key?: 'keyBytes' | 'keyText'
  value?: 'valueBytes' | 'valueText'
  _timestampMs?: 'timestampMs'
}

/**
 * A record as people write it.
 */
export interface PlainRecord__Output {
  /**
   * Key as bytes (base64 in JSON).
   */
  keyBytes?: Buffer
  /**
   * Key as text.
   */
  keyText?: string
  /**
   * Value as bytes (base64 in JSON). Neither form of value: a null value.
   */
  valueBytes?: Buffer
  /**
   * Value as text.
   */
  valueText?: string
  /**
   * Headers in order.
   */
  headers: _sluice_v1_PlainHeader__Output[]
  /**
   * Time of the record in ms since 1970; absent: now.
   */
  timestampMs?: number
  key?: 'keyBytes' | 'keyText'
  value?: 'valueBytes' | 'valueText'
  _timestampMs?: 'timestampMs'
}
