// Original file: sluice/v1/log.proto

import type {
  OffsetPosition as _sluice_v1_OffsetPosition,
  OffsetPosition__Output as _sluice_v1_OffsetPosition__Output,
} from '../../sluice/v1/OffsetPosition.ts'
import type {
  Isolation as _sluice_v1_Isolation,
  Isolation__Output as _sluice_v1_Isolation__Output,
} from '../../sluice/v1/Isolation.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * What to read and until when. Without a start it begins at the end, with what comes next.
 */
export interface SubscribeRequest {
  /**
   * Name of the topic.
   */
  topic?: string
  /**
   * Indexes of partitions; none: all.
   */
  partitions?: number[]
  /**
   * A position of each log.
   */
  from?: _sluice_v1_OffsetPosition
  /**
   * This offset, in every partition named.
   */
  fromOffset?: number | string | Long
  /**
   * The first record at or after this time, in ms since 1970.
   */
  fromTimeMs?: number | string | Long
  /**
   * Ends after this many records; 0: no bound.
   */
  recordCountMax?: number | string | Long
  /**
   * Ends at what was the end of each partition when the call came.
   */
  untilEnd?: boolean
  /**
   * How far to see.
   */
  isolation?: _sluice_v1_Isolation
  /**
   * Keys, values and headers that are UTF-8 come as text instead of bytes.
   */
  asText?: boolean
  start?: 'from' | 'fromOffset' | 'fromTimeMs'
}

/**
 * What to read and until when. Without a start it begins at the end, with what comes next.
 */
export interface SubscribeRequest__Output {
  /**
   * Name of the topic.
   */
  topic: string
  /**
   * Indexes of partitions; none: all.
   */
  partitions: number[]
  /**
   * A position of each log.
   */
  from?: _sluice_v1_OffsetPosition__Output
  /**
   * This offset, in every partition named.
   */
  fromOffset?: number
  /**
   * The first record at or after this time, in ms since 1970.
   */
  fromTimeMs?: number
  /**
   * Ends after this many records; 0: no bound.
   */
  recordCountMax: number
  /**
   * Ends at what was the end of each partition when the call came.
   */
  untilEnd: boolean
  /**
   * How far to see.
   */
  isolation: _sluice_v1_Isolation__Output
  /**
   * Keys, values and headers that are UTF-8 come as text instead of bytes.
   */
  asText: boolean
  start?: 'from' | 'fromOffset' | 'fromTimeMs'
}
