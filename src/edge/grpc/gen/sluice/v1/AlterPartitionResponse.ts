// Original file: sluice/v1/controller.proto

import type {
  AlteredPartition as _sluice_v1_AlteredPartition,
  AlteredPartition__Output as _sluice_v1_AlteredPartition__Output,
} from '../../sluice/v1/AlteredPartition.ts'

/**
 * In the request's order.
 */
export interface AlterPartitionResponse {
  /**
   * What became of each partition.
   */
  partitions?: _sluice_v1_AlteredPartition[]
}

/**
 * In the request's order.
 */
export interface AlterPartitionResponse__Output {
  /**
   * What became of each partition.
   */
  partitions: _sluice_v1_AlteredPartition__Output[]
}
