// Original file: sluice/v1/log.proto

import type {
  PublishResponse as _sluice_v1_PublishResponse,
  PublishResponse__Output as _sluice_v1_PublishResponse__Output,
} from '../../sluice/v1/PublishResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to Publish.
 */
export interface PublishAnswer {
  /**
   * All records are acknowledged.
   */
  response?: _sluice_v1_PublishResponse | null
  /**
   * Not all are; those of other partitions than the failing one may be.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to Publish.
 */
export interface PublishAnswer__Output {
  /**
   * All records are acknowledged.
   */
  response?: _sluice_v1_PublishResponse__Output | null
  /**
   * Not all are; those of other partitions than the failing one may be.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
