/**
 * The one error class of the SDK. Match on `code`, never on the text. `outcome` says whether the
 * request certainly did not happen (`refused`) or may have (`unknown`); `isRetriable` whether the
 * same call may succeed later.
 */
import { isRetriable, outcomeOf, type ErrorCode } from '../../core/api/error-code.ts'
import { TransportFault } from '../ports/fault.ts'

/**
 * Codes of the SDK's own. `TIMED_OUT`: the call's time ran out; `CANCELLED`: its signal aborted;
 * `CLOSED`: the client, producer or consumer was closed; `BROKER_UNREACHABLE`: no broker answered;
 * `BUFFER_FULL`: too many calls wait for room; `INVALID_ARGUMENT`: the call makes no sense;
 * `SERIALIZATION_FAILED`, `DESERIALIZATION_FAILED`: a serde or validator refused.
 */
export type ClientErrorCode =
  | 'TIMED_OUT'
  | 'CANCELLED'
  | 'CLOSED'
  | 'BROKER_UNREACHABLE'
  | 'BUFFER_FULL'
  | 'INVALID_ARGUMENT'
  | 'SERIALIZATION_FAILED'
  | 'DESERIALIZATION_FAILED'

/** Every code a `SluiceError` can carry: the cluster's and the SDK's own. */
export type SluiceErrorCode = ErrorCode | ClientErrorCode

/** More about an error than its code says. */
export interface SluiceErrorFacts {
  /** Default: what the code says; `refused` for the SDK's own codes. */
  readonly outcome?: 'refused' | 'unknown'
  /** Default: what the code says; for the SDK's own codes, true for those that may pass by themselves. */
  readonly isRetriable?: boolean
  readonly cause?: unknown
}

/** What every call of the SDK rejects with. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError'
  readonly code: SluiceErrorCode
  /** Whether the same call may succeed later. */
  readonly isRetriable: boolean
  /** `refused`: nothing happened; `unknown`: it may have happened, now or later. */
  readonly outcome: 'refused' | 'unknown'

  constructor(code: SluiceErrorCode, message: string, facts: SluiceErrorFacts = {}) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause })
    this.code = code
    this.isRetriable = facts.isRetriable ?? isRetriableCode(code)
    this.outcome = facts.outcome ?? (isClientCode(code) ? 'refused' : outcomeOf(code))
  }
}

const clientCodes: Readonly<Record<ClientErrorCode, boolean>> = {
  TIMED_OUT: true,
  CANCELLED: false,
  CLOSED: false,
  BROKER_UNREACHABLE: true,
  BUFFER_FULL: true,
  INVALID_ARGUMENT: false,
  SERIALIZATION_FAILED: false,
  DESERIALIZATION_FAILED: false,
}

function isClientCode(code: SluiceErrorCode): code is ClientErrorCode {
  return Object.hasOwn(clientCodes, code)
}

function isRetriableCode(code: SluiceErrorCode): boolean {
  return isClientCode(code) ? clientCodes[code] : isRetriable(code)
}

/** Whether a request that ended with this fault certainly did not happen. */
export function faultOutcome(fault: TransportFault): 'refused' | 'unknown' {
  switch (fault.code) {
    case 'refused':
    case 'unresolved':
    case 'rejected':
    case 'overloaded':
      return 'refused'
    case 'closed':
    case 'disconnected':
    case 'timeout':
    case 'cancelled':
      return 'unknown'
  }
}

/** The error a user sees for whatever ended a request: faults of the transport become codes. */
export function sluiceErrorOf(cause: unknown, what: string): SluiceError {
  if (cause instanceof SluiceError) return cause
  if (cause instanceof TransportFault) {
    const outcome = faultOutcome(cause)
    const code = cause.code === 'cancelled' ? 'CANCELLED' : 'BROKER_UNREACHABLE'
    return new SluiceError(code, `${what}: ${cause.message}`, { outcome, cause })
  }
  const text = cause instanceof Error ? cause.message : String(cause)
  return new SluiceError('UNKNOWN_SERVER_ERROR', `${what}: ${text}`, { cause })
}
