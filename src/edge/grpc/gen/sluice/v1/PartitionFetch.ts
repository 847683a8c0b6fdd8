// Original file: sluice/v1/log.proto

import type { Long } from '@grpc/proto-loader'

/**
 * Where one partition is to be read.
 */
export interface PartitionFetch {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * First offset wanted.
   */
  fetchOffset?: number | string | Long
  /**
   * Leader epoch that the caller knows; another one is refused. Absent: not checked.
   */
  leaderEpoch?: number
  /**
   * Most bytes of this partition; the first batch comes whole whatever its size.
   */
  bytesMax?: number
  /**
   * What was sent before did not prove itself: the leader is to check what its disk has.
   */
  isSuspect?: boolean
  _leaderEpoch?: 'leaderEpoch'
  _isSuspect?: 'isSuspect'
}

/**
 * Where one partition is to be read.
 */
export interface PartitionFetch__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * First offset wanted.
   */
  fetchOffset: number
  /**
   * Leader epoch that the caller knows; another one is refused. Absent: not checked.
   */
  leaderEpoch?: number
  /**
   * Most bytes of this partition; the first batch comes whole whatever its size.
   */
  bytesMax: number
  /**
   * What was sent before did not prove itself: the leader is to check what its disk has.
   */
  isSuspect?: boolean
  _leaderEpoch?: 'leaderEpoch'
  _isSuspect?: 'isSuspect'
}
