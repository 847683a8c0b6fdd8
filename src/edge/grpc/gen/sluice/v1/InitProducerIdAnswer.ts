// Original file: sluice/v1/log.proto

import type {
  InitProducerIdResponse as _sluice_v1_InitProducerIdResponse,
  InitProducerIdResponse__Output as _sluice_v1_InitProducerIdResponse__Output,
} from '../../sluice/v1/InitProducerIdResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to InitProducerId.
 */
export interface InitProducerIdAnswer {
  /**
   * What the producer's batches carry.
   */
  response?: _sluice_v1_InitProducerIdResponse | null
  /**
   * None, or not known.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to InitProducerId.
 */
export interface InitProducerIdAnswer__Output {
  /**
   * What the producer's batches carry.
   */
  response?: _sluice_v1_InitProducerIdResponse__Output | null
  /**
   * None, or not known.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
