// Original file: sluice/v1/controller.proto

import type {
  UncleanReason as _sluice_v1_UncleanReason,
  UncleanReason__Output as _sluice_v1_UncleanReason__Output,
} from '../../sluice/v1/UncleanReason.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A log that cannot be vouched for after an unclean stop or damage.
 */
export interface UncleanLog {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Why.
   */
  reason?: _sluice_v1_UncleanReason
  /**
   * Last epoch after the cut; absent for an empty log.
   */
  lastEpoch?: number
  /**
   * End of the log after the cut.
   */
  endOffset?: number | string | Long
  _lastEpoch?: 'lastEpoch'
}

/**
 * A log that cannot be vouched for after an unclean stop or damage.
 */
export interface UncleanLog__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Why.
   */
  reason: _sluice_v1_UncleanReason__Output
  /**
   * Last epoch after the cut; absent for an empty log.
   */
  lastEpoch?: number
  /**
   * End of the log after the cut.
   */
  endOffset: number
  _lastEpoch?: 'lastEpoch'
}
