// Original file: sluice/v1/controller.proto

import type {
  RegisterBrokerResponse as _sluice_v1_RegisterBrokerResponse,
  RegisterBrokerResponse__Output as _sluice_v1_RegisterBrokerResponse__Output,
} from '../../sluice/v1/RegisterBrokerResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'

/**
 * Answer to RegisterBroker.
 */
export interface RegisterBrokerAnswer {
  /**
   * Registered.
   */
  response?: _sluice_v1_RegisterBrokerResponse | null
  /**
   * Not registered, or not known.
   */
  refusal?: _sluice_v1_Refusal | null
  outcome?: 'response' | 'refusal'
}

/**
 * Answer to RegisterBroker.
 */
export interface RegisterBrokerAnswer__Output {
  /**
   * Registered.
   */
  response?: _sluice_v1_RegisterBrokerResponse__Output | null
  /**
   * Not registered, or not known.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  outcome?: 'response' | 'refusal'
}
