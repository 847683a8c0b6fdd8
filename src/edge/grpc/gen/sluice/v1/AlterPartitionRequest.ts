// Original file: sluice/v1/controller.proto

import type {
  PartitionAlteration as _sluice_v1_PartitionAlteration,
  PartitionAlteration__Output as _sluice_v1_PartitionAlteration__Output,
} from '../../sluice/v1/PartitionAlteration.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * Changes of several partitions of one leader.
 */
export interface AlterPartitionRequest {
  /**
   * Node id of the leader.
   */
  brokerId?: number
  /**
   * Epoch of its registration.
   */
  brokerEpoch?: number | string | Long
  /**
   * The changes.
   */
  partitions?: _sluice_v1_PartitionAlteration[]
}

/**
 * Changes of several partitions of one leader.
 */
export interface AlterPartitionRequest__Output {
  /**
   * Node id of the leader.
   */
  brokerId: number
  /**
   * Epoch of its registration.
   */
  brokerEpoch: number
  /**
   * The changes.
   */
  partitions: _sluice_v1_PartitionAlteration__Output[]
}
