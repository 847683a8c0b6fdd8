// Original file: sluice/v1/log.proto

import type {
  SubscribedRecord as _sluice_v1_SubscribedRecord,
  SubscribedRecord__Output as _sluice_v1_SubscribedRecord__Output,
} from '../../sluice/v1/SubscribedRecord.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * An item of the stream that Subscribe answers with.
 */
export interface SubscribeAnswer {
  /**
   * The next record; each partition is in offset order.
   */
  record?: _sluice_v1_SubscribedRecord | null
  /**
   * Nothing more comes.
   */
  refusal?: _sluice_v1_Refusal | null
  item?: 'record' | 'refusal'
}

/**
 * An item of the stream that Subscribe answers with.
 */
export interface SubscribeAnswer__Output {
  /**
   * The next record; each partition is in offset order.
   */
  record?: _sluice_v1_SubscribedRecord__Output | null
  /**
   * Nothing more comes.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  item?: 'record' | 'refusal'
}
