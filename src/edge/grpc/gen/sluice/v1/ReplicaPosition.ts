// Original file: sluice/v1/replication.proto

import type { Long } from '@grpc/proto-loader'

/**
 * The follower's position in one partition.
 */
export interface ReplicaPosition {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Leader epoch that the follower acts under; another one is refused.
   */
  leaderEpoch?: number
  /**
   * First offset wanted.
   */
  fetchOffset?: number | string | Long
  /**
   * Epoch of the follower's last batch; absent when its log is empty.
   */
  lastFetchedEpoch?: number
  /**
   * End of what the follower would still have after a crash. Only this acknowledges.
   */
  durableOffset?: number | string | Long
  /**
   * High watermark that the follower knows.
   */
  highWatermark?: number | string | Long
  /**
   * First offset of the follower's log.
   */
  logStartOffset?: number | string | Long
  _lastFetchedEpoch?: 'lastFetchedEpoch'
}

/**
 * The follower's position in one partition.
 */
export interface ReplicaPosition__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Leader epoch that the follower acts under; another one is refused.
   */
  leaderEpoch: number
  /**
   * First offset wanted.
   */
  fetchOffset: number
  /**
   * Epoch of the follower's last batch; absent when its log is empty.
   */
  lastFetchedEpoch?: number
  /**
   * End of what the follower would still have after a crash. Only this acknowledges.
   */
  durableOffset: number
  /**
   * High watermark that the follower knows.
   */
  highWatermark: number
  /**
   * First offset of the follower's log.
   */
  logStartOffset: number
  _lastFetchedEpoch?: 'lastFetchedEpoch'
}
