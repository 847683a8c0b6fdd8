// Original file: sluice/v1/log.proto

import type {
  DeleteRecordsResponse as _sluice_v1_DeleteRecordsResponse,
  DeleteRecordsResponse__Output as _sluice_v1_DeleteRecordsResponse__Output,
} from '../../sluice/v1/DeleteRecordsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to DeleteRecords.
 */
export interface DeleteRecordsAnswer {
  /**
   * What became of it.
   */
  response?: _sluice_v1_DeleteRecordsResponse | null
  /**
   * The whole request was not done.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to DeleteRecords.
 */
export interface DeleteRecordsAnswer__Output {
  /**
   * What became of it.
   */
  response?: _sluice_v1_DeleteRecordsResponse__Output | null
  /**
   * The whole request was not done.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
