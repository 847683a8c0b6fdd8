// Original file: sluice/v1/log.proto

import type {
  Acks as _sluice_v1_Acks,
  Acks__Output as _sluice_v1_Acks__Output,
} from '../../sluice/v1/Acks.ts'
import type {
  PartitionProduce as _sluice_v1_PartitionProduce,
  PartitionProduce__Output as _sluice_v1_PartitionProduce__Output,
} from '../../sluice/v1/PartitionProduce.ts'

/**
 * Appends batches. A partition may appear more than once; its entries are appended in order.
 */
export interface ProduceRequest {
  /**
   * When to answer.
   */
  acks?: _sluice_v1_Acks
  /**
   * What to append.
   */
  partitions?: _sluice_v1_PartitionProduce[]
}

/**
 * Appends batches. A partition may appear more than once; its entries are appended in order.
 */
export interface ProduceRequest__Output {
  /**
   * When to answer.
   */
  acks: _sluice_v1_Acks__Output
  /**
   * What to append.
   */
  partitions: _sluice_v1_PartitionProduce__Output[]
}
