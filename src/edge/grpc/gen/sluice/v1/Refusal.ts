// Original file: sluice/v1/envelope.proto

import type {
  ErrorCode as _sluice_v1_ErrorCode,
  ErrorCode__Output as _sluice_v1_ErrorCode__Output,
} from '../../sluice/v1/ErrorCode.ts'
import type {
  Outcome as _sluice_v1_Outcome,
  Outcome__Output as _sluice_v1_Outcome__Output,
} from '../../sluice/v1/Outcome.ts'

/**
 * A request, or one item of it, that was not done or may not have been.
 */
export interface Refusal {
  /**
   * Why.
   */
  code?: _sluice_v1_ErrorCode
  /**
   * Whether anything may have happened.
   */
  outcome?: _sluice_v1_Outcome
  /**
   * One sentence for people: what, where, why, next step. Never to be parsed.
   */
  message?: string
}

/**
 * A request, or one item of it, that was not done or may not have been.
 */
export interface Refusal__Output {
  /**
   * Why.
   */
  code: _sluice_v1_ErrorCode__Output
  /**
   * Whether anything may have happened.
   */
  outcome: _sluice_v1_Outcome__Output
  /**
   * One sentence for people: what, where, why, next step. Never to be parsed.
   */
  message: string
}
