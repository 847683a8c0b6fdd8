// Original file: sluice/v1/log.proto

import type {
  OffsetPosition as _sluice_v1_OffsetPosition,
  OffsetPosition__Output as _sluice_v1_OffsetPosition__Output,
} from '../../sluice/v1/OffsetPosition.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * Which offset is wanted of one partition.
 */
export interface OffsetQuestion {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * The offset at a position.
   */
  position?: _sluice_v1_OffsetPosition
  /**
   * The first record at or after this time, in ms since 1970.
   */
  atTimeMs?: number | string | Long
  question?: 'position' | 'atTimeMs'
}

/**
 * Which offset is wanted of one partition.
 */
export interface OffsetQuestion__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * The offset at a position.
   */
  position?: _sluice_v1_OffsetPosition__Output
  /**
   * The first record at or after this time, in ms since 1970.
   */
  atTimeMs?: number
  question?: 'position' | 'atTimeMs'
}
