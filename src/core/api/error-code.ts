/**
 * The one union of error codes, in Kafka's names where Kafka has the thing. Each says whether the
 * request was refused (nothing happened) or its outcome is unknown (it may have happened, now or
 * later), and whether the same request may succeed if sent again, after fresh metadata.
 */

interface CodeFacts {
  readonly outcome: 'refused' | 'unknown'
  readonly isRetriable: boolean
}

const refused: CodeFacts = { outcome: 'refused', isRetriable: false }
const refusedRetriable: CodeFacts = { outcome: 'refused', isRetriable: true }
const unknown: CodeFacts = { outcome: 'unknown', isRetriable: false }
const unknownRetriable: CodeFacts = { outcome: 'unknown', isRetriable: true }

const facts = {
  UNKNOWN_SERVER_ERROR: unknown,
  OFFSET_OUT_OF_RANGE: refused,
  CORRUPT_MESSAGE: refused,
  UNKNOWN_TOPIC_OR_PARTITION: refusedRetriable,
  LEADER_NOT_AVAILABLE: refusedRetriable,
  NOT_LEADER_OR_FOLLOWER: refusedRetriable,
  /** The outcome is unknown: the records may be committed later. */
  REQUEST_TIMED_OUT: unknownRetriable,
  BROKER_NOT_AVAILABLE: refusedRetriable,
  MESSAGE_TOO_LARGE: refused,
  INVALID_TOPIC_EXCEPTION: refused,
  RECORD_LIST_TOO_LARGE: refused,
  NOT_ENOUGH_REPLICAS: refusedRetriable,
  /** Written by the leader, not yet by enough replicas; the outcome is unknown. */
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: unknownRetriable,
  INVALID_REQUIRED_ACKS: refused,
  CLUSTER_AUTHORIZATION_FAILED: refused,
  TOPIC_AUTHORIZATION_FAILED: refused,
  INVALID_TIMESTAMP: refused,
  UNSUPPORTED_VERSION: refused,
  TOPIC_ALREADY_EXISTS: refused,
  INVALID_PARTITIONS: refused,
  INVALID_REPLICATION_FACTOR: refused,
  INVALID_REPLICA_ASSIGNMENT: refused,
  INVALID_CONFIG: refused,
  NOT_CONTROLLER: refusedRetriable,
  INVALID_REQUEST: refused,
  POLICY_VIOLATION: refused,
  INVALID_RECORD: refused,
  UNSUPPORTED_COMPRESSION_TYPE: refused,
  KAFKA_STORAGE_ERROR: unknownRetriable,
  /** The disk is full or under its reserve; nothing was written. */
  STORAGE_FULL: refusedRetriable,
  FENCED_LEADER_EPOCH: refusedRetriable,
  UNKNOWN_LEADER_EPOCH: refusedRetriable,
  STALE_BROKER_EPOCH: refused,
  BROKER_ID_NOT_REGISTERED: refused,
  DUPLICATE_BROKER_REGISTRATION: refused,
  INCONSISTENT_CLUSTER_ID: refused,
  INCONSISTENT_VOTER_SET: refused,
  INVALID_UPDATE_VERSION: refusedRetriable,
  INELIGIBLE_REPLICA: refused,
  OPERATION_NOT_ATTEMPTED: refusedRetriable,
  PREFERRED_LEADER_NOT_AVAILABLE: refused,
  ELECTION_NOT_NEEDED: refused,
  UNKNOWN_TOPIC_ID: refusedRetriable,
  INCONSISTENT_TOPIC_ID: refusedRetriable,
  FENCED_REPLICA: refused,
  /** The active controller or the partition's leader lost its role or its store before it knew: the change may be committed. */
  UNKNOWN_OUTCOME: unknownRetriable,
  /** A queue of the server is full; nothing happened. */
  THROTTLED: refusedRetriable,
  /** The node is starting or stopping; nothing happened. */
  NOT_READY: refusedRetriable,
  OUT_OF_ORDER_SEQUENCE_NUMBER: refused,
  INVALID_PRODUCER_EPOCH: refused,
  UNKNOWN_PRODUCER_ID: refused,
} as const satisfies Record<string, CodeFacts>

/** Why a request was not done, or may not have been. */
export type ErrorCode = keyof typeof facts

/** Every code, for tables at the edge. */
export const errorCodes = Object.keys(facts) as readonly ErrorCode[]

/** Whether the request certainly did not happen (`refused`) or may have (`unknown`). */
export function outcomeOf(code: ErrorCode): 'refused' | 'unknown' {
  return facts[code].outcome
}

/** Whether the same request may succeed later, after fresh metadata. */
export function isRetriable(code: ErrorCode): boolean {
  return facts[code].isRetriable
}

/** An expected answer that is not success: a value, never thrown. */
export interface Refusal {
  readonly ok: false
  readonly code: ErrorCode
  /** One sentence for people: what, where, why, next step. */
  readonly message: string
}

/** Success with its value, or a refusal. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | Refusal

/** A refusal with its sentence. */
export function refuse(code: ErrorCode, message: string): Refusal {
  return { ok: false, code, message }
}
