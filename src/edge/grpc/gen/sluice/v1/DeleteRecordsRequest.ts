// Original file: sluice/v1/log.proto

import type {
  PartitionDeletion as _sluice_v1_PartitionDeletion,
  PartitionDeletion__Output as _sluice_v1_PartitionDeletion__Output,
} from '../../sluice/v1/PartitionDeletion.ts'

/**
 * Deletes from the start of logs.
 */
export interface DeleteRecordsRequest {
  /**
   * What to delete.
   */
  partitions?: _sluice_v1_PartitionDeletion[]
  /**
   * How long to wait for the in-sync replicas, in ms.
   */
  waitMsMax?: number
}

/**
 * Deletes from the start of logs.
 */
export interface DeleteRecordsRequest__Output {
  /**
   * What to delete.
   */
  partitions: _sluice_v1_PartitionDeletion__Output[]
  /**
   * How long to wait for the in-sync replicas, in ms.
   */
  waitMsMax: number
}
