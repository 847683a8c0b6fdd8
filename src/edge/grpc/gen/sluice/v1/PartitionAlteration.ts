// Original file: sluice/v1/controller.proto

import type {
  IsrMember as _sluice_v1_IsrMember,
  IsrMember__Output as _sluice_v1_IsrMember__Output,
} from '../../sluice/v1/IsrMember.ts'

/**
 * The ISR that a leader proposes.
 */
export interface PartitionAlteration {
  /**
   * Id of the topic.
   */
  topicId?: string
  /**
   * Index of the partition.
   */
  partition?: number
  /**
   * Epoch in which the caller leads.
   */
  leaderEpoch?: number
  /**
   * Version of the partition that the caller knows; another one is refused.
   */
  partitionEpoch?: number
  /**
   * The ISR from now on.
   */
  newIsr?: _sluice_v1_IsrMember[]
  /**
   * The leader's own log failed: another one should lead.
   */
  resigns?: boolean
}

/**
 * The ISR that a leader proposes.
 */
export interface PartitionAlteration__Output {
  /**
   * Id of the topic.
   */
  topicId: string
  /**
   * Index of the partition.
   */
  partition: number
  /**
   * Epoch in which the caller leads.
   */
  leaderEpoch: number
  /**
   * Version of the partition that the caller knows; another one is refused.
   */
  partitionEpoch: number
  /**
   * The ISR from now on.
   */
  newIsr: _sluice_v1_IsrMember__Output[]
  /**
   * The leader's own log failed: another one should lead.
   */
  resigns: boolean
}
