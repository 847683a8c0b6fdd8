// Original file: sluice/v1/controller.proto

import type {
  AllocateProducerIdsResponse as _sluice_v1_AllocateProducerIdsResponse,
  AllocateProducerIdsResponse__Output as _sluice_v1_AllocateProducerIdsResponse__Output,
} from '../../sluice/v1/AllocateProducerIdsResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to AllocateProducerIds.
 */
export interface AllocateProducerIdsAnswer {
  /**
   * A block.
   */
  response?: _sluice_v1_AllocateProducerIdsResponse | null
  /**
   * None, or not known.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to AllocateProducerIds.
 */
export interface AllocateProducerIdsAnswer__Output {
  /**
   * A block.
   */
  response?: _sluice_v1_AllocateProducerIdsResponse__Output | null
  /**
   * None, or not known.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
