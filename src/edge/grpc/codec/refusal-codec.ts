/**
 * `sluice.v1.Refusal` by hand, as it is part of the hot messages, and the numbers of the error codes.
 * A test holds the numbers against the enum in the .proto.
 */
import { type ErrorCode, outcomeOf, type Refusal, refuse } from '../../../core/api/error-code.ts'
import type { ItemError } from '../../../core/api/cluster-admin.ts'
import { present } from '../../../base/assert.ts'
import {
  bytesSize,
  intSize,
  SizedMessage,
  type WireMessage,
  type WireReader,
} from './wire-bytes.ts'

/** Number of each code on the wire: Kafka's where Kafka has the code, from 1000 on ours. */
export const errorNumbers: Readonly<Record<ErrorCode, number>> = {
  OFFSET_OUT_OF_RANGE: 1,
  CORRUPT_MESSAGE: 2,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  LEADER_NOT_AVAILABLE: 5,
  NOT_LEADER_OR_FOLLOWER: 6,
  REQUEST_TIMED_OUT: 7,
  BROKER_NOT_AVAILABLE: 8,
  MESSAGE_TOO_LARGE: 10,
  INVALID_TOPIC_EXCEPTION: 17,
  RECORD_LIST_TOO_LARGE: 18,
  NOT_ENOUGH_REPLICAS: 19,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 20,
  INVALID_REQUIRED_ACKS: 21,
  TOPIC_AUTHORIZATION_FAILED: 29,
  CLUSTER_AUTHORIZATION_FAILED: 31,
  INVALID_TIMESTAMP: 32,
  UNSUPPORTED_VERSION: 35,
  TOPIC_ALREADY_EXISTS: 36,
  INVALID_PARTITIONS: 37,
  INVALID_REPLICATION_FACTOR: 38,
  INVALID_REPLICA_ASSIGNMENT: 39,
  INVALID_CONFIG: 40,
  NOT_CONTROLLER: 41,
  INVALID_REQUEST: 42,
  POLICY_VIOLATION: 44,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  INVALID_PRODUCER_EPOCH: 47,
  OPERATION_NOT_ATTEMPTED: 55,
  KAFKA_STORAGE_ERROR: 56,
  UNKNOWN_PRODUCER_ID: 59,
  FENCED_LEADER_EPOCH: 74,
  UNKNOWN_LEADER_EPOCH: 75,
  UNSUPPORTED_COMPRESSION_TYPE: 76,
  STALE_BROKER_EPOCH: 77,
  PREFERRED_LEADER_NOT_AVAILABLE: 80,
  ELECTION_NOT_NEEDED: 84,
  INVALID_RECORD: 87,
  INCONSISTENT_VOTER_SET: 94,
  INVALID_UPDATE_VERSION: 95,
  UNKNOWN_TOPIC_ID: 100,
  DUPLICATE_BROKER_REGISTRATION: 101,
  BROKER_ID_NOT_REGISTERED: 102,
  INCONSISTENT_TOPIC_ID: 103,
  INCONSISTENT_CLUSTER_ID: 104,
  INELIGIBLE_REPLICA: 107,
  UNKNOWN_SERVER_ERROR: 1000,
  STORAGE_FULL: 1001,
  UNKNOWN_OUTCOME: 1002,
  THROTTLED: 1003,
  NOT_READY: 1004,
  FENCED_REPLICA: 1005,
}

const codes = new Map<number, ErrorCode>()
for (const code of Object.keys(errorNumbers) as ErrorCode[]) codes.set(errorNumbers[code], code)

/** A code by its number; one of a newer build is read as UNKNOWN_SERVER_ERROR. */
function errorCodeOf(number: number): ErrorCode {
  return codes.get(number) ?? 'UNKNOWN_SERVER_ERROR'
}

/** A refusal, or the error of one item, as a message. */
export function refusalMessage(error: ItemError): WireMessage {
  const text = Buffer.from(error.message)
  const code = present(errorNumbers[error.code], error.code)
  const outcome = outcomeOf(error.code) === 'refused' ? 1 : 2
  const length = intSize(code) + intSize(outcome) + bytesSize(text.length)
  return new SizedMessage(length, (writer) => {
    writer.int(1, code)
    writer.int(2, outcome)
    writer.bytes(3, text)
  })
}

/** The message read. */
export function readRefusal(reader: WireReader): Refusal {
  let code = 0
  let message = ''
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 8) code = reader.int()
    else if (tag === 26) message = reader.text()
    else reader.skip(tag)
  }
  return refuse(errorCodeOf(code), message)
}

/** The error of one item, read. */
export function readItemError(reader: WireReader): ItemError {
  const { code, message } = readRefusal(reader)
  return { code, message }
}
