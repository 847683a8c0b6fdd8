// Original file: sluice/v1/log.proto

import type {
  DeletedRecords as _sluice_v1_DeletedRecords,
  DeletedRecords__Output as _sluice_v1_DeletedRecords__Output,
} from '../../sluice/v1/DeletedRecords.ts'

/**
 * One answer a partition, in order.
 */
export interface DeleteRecordsResponse {
  /**
   * The answers.
   */
  partitions?: _sluice_v1_DeletedRecords[]
}

/**
 * One answer a partition, in order.
 */
export interface DeleteRecordsResponse__Output {
  /**
   * The answers.
   */
  partitions: _sluice_v1_DeletedRecords__Output[]
}
