// Original file: sluice/v1/log.proto

import type {
  PlainRecord as _sluice_v1_PlainRecord,
  PlainRecord__Output as _sluice_v1_PlainRecord__Output,
} from '../../sluice/v1/PlainRecord.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A record with its place.
 */
export interface SubscribedRecord {
  /**
   * Index of its partition.
   */
  partition?: number
  /**
   * Its offset.
   */
  offset?: number | string | Long
  /**
   * Its key, value, headers and time.
   */
  record?: _sluice_v1_PlainRecord | null
}

/**
 * A record with its place.
 */
export interface SubscribedRecord__Output {
  /**
   * Index of its partition.
   */
  partition: number
  /**
   * Its offset.
   */
  offset: number
  /**
   * Its key, value, headers and time.
   */
  record: _sluice_v1_PlainRecord__Output | null
}
