// Original file: sluice/v1/log.proto

import type {
  PartitionProduced as _sluice_v1_PartitionProduced,
  PartitionProduced__Output as _sluice_v1_PartitionProduced__Output,
} from '../../sluice/v1/PartitionProduced.ts'

/**
 * One answer an entry, in the request's order.
 */
export interface ProduceResponse {
  /**
   * The answers.
   */
  partitions?: _sluice_v1_PartitionProduced[]
}

/**
 * One answer an entry, in the request's order.
 */
export interface ProduceResponse__Output {
  /**
   * The answers.
   */
  partitions: _sluice_v1_PartitionProduced__Output[]
}
