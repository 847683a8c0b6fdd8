/**
 * Checks the batches that a client claims, before a leader gives them offsets. Only headers and the
 * CRC are read: the records are opaque here, and their reader checks them again.
 */
import {
  baseTimestampMs,
  batchBytes,
  hasLogAppendTime,
  isControl,
  isTransactional,
  lastOffset,
  baseOffset,
  maxTimestampMs,
  recordCount,
  verifyBatch,
} from './batch-header.ts'

/** Why claimed batches are refused: codes of the one union, nothing was appended. */
export interface ClaimRefusal {
  readonly ok: false
  readonly code: 'CORRUPT_MESSAGE' | 'INVALID_RECORD' | 'MESSAGE_TOO_LARGE' | 'INVALID_TIMESTAMP'
  readonly message: string
}

/** What a run of sound batches holds. */
export interface ClaimedBatches {
  readonly ok: true
  readonly batchCount: number
  readonly recordCount: number
}

/** Checks one or more whole batches back to back, none larger than `batchBytesMax`. */
export function validateClaim(
  bytes: Uint8Array,
  batchBytesMax: number,
): ClaimedBatches | ClaimRefusal {
  if (bytes.length === 0) return refusal('INVALID_RECORD', 'no batch was sent')
  let records = 0
  let batches = 0
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
    const refused = validateOne(bytes, at, batchBytesMax)
    if (refused !== undefined) return refused
    records += recordCount(bytes, at)
    batches += 1
  }
  return { ok: true, batchCount: batches, recordCount: records }
}

function validateOne(
  bytes: Uint8Array,
  at: number,
  batchBytesMax: number,
): ClaimRefusal | undefined {
  const wrong = verifyBatch(bytes, at)
  if (wrong !== undefined) return refusal('CORRUPT_MESSAGE', `not a record batch: ${wrong}`)
  const length = batchBytes(bytes, at)
  if (length > batchBytesMax) {
    return refusal(
      'MESSAGE_TOO_LARGE',
      `a batch of ${length} bytes, max.message.bytes is ${batchBytesMax}`,
    )
  }
  const count = recordCount(bytes, at)
  if (count < 1 || lastOffset(bytes, at) - baseOffset(bytes, at) !== count - 1) {
    return refusal('INVALID_RECORD', 'the record count and the offsets of a batch differ')
  }
  if (isControl(bytes, at))
    return refusal('INVALID_RECORD', 'control batches are the cluster’s own')
  if (isTransactional(bytes, at)) {
    return refusal('INVALID_RECORD', 'batches of transactions are not taken by this version')
  }
  if (
    hasLogAppendTime(bytes, at) ||
    !isTimestamp(baseTimestampMs(bytes, at)) ||
    !isTimestamp(maxTimestampMs(bytes, at))
  ) {
    return refusal('INVALID_TIMESTAMP', 'the timestamps of a batch are not a producer’s')
  }
  return undefined
}

function isTimestamp(timestampMs: number): boolean {
  return timestampMs >= -1 && Number.isSafeInteger(timestampMs)
}

function refusal(code: ClaimRefusal['code'], message: string): ClaimRefusal {
  return { ok: false, code, message }
}
