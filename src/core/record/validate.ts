/**
 * Checks the batches that a client claims, before a leader gives them offsets. Only headers and the
 * CRC are read: the records are opaque here, and whoever opens them checks them (`record-check.ts`).
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
  unknownCodec,
  verifyBatch,
} from './batch-header.ts'

/** Why claimed batches are refused: codes of the one union, nothing was appended. */
export interface ClaimRefusal {
  readonly ok: false
  readonly code:
    | 'CORRUPT_MESSAGE'
    | 'INVALID_RECORD'
    | 'MESSAGE_TOO_LARGE'
    | 'INVALID_TIMESTAMP'
    | 'UNSUPPORTED_COMPRESSION_TYPE'
  /** Which batch, what is wrong and what to do; the caller puts the partition in front. */
  readonly message: string
}

/** What a run of sound batches holds. */
export interface ClaimedBatches {
  readonly ok: true
  readonly batchCount: number
  readonly recordCount: number
}

/** What a topic takes. */
export interface ClaimLimits {
  readonly batchBytesMax: number
  /** The earliest and the latest time that a batch may claim, in ms since the Unix epoch; -1 is always taken. */
  readonly timestampMinMs: number
  readonly timestampMaxMs: number
}

/** Checks one or more whole batches back to back. */
export function validateClaim(
  bytes: Uint8Array,
  limits: ClaimLimits,
): ClaimedBatches | ClaimRefusal {
  if (bytes.length === 0)
    return refuseClaim('INVALID_RECORD', 'no batch was sent: send at least one')
  let records = 0
  let batches = 0
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
    batches += 1
    const refused = validateOne(bytes, at, limits)
    if (refused !== undefined) {
      return refuseClaim(refused.code, `${batchName(batches, at)} ${refused.message}`)
    }
    records += recordCount(bytes, at)
  }
  return { ok: true, batchCount: batches, recordCount: records }
}

/** How refusals name a batch of an entry; `number` counts from 1. */
export function batchName(number: number, at: number): string {
  return `batch ${number} (at byte ${at})`
}

/** A refusal with its sentence. */
export function refuseClaim(code: ClaimRefusal['code'], message: string): ClaimRefusal {
  return { ok: false, code, message }
}

function validateOne(bytes: Uint8Array, at: number, limits: ClaimLimits): ClaimRefusal | undefined {
  const { batchBytesMax } = limits
  const wrong = verifyBatch(bytes, at)
  if (wrong === unknownCodec) {
    const known = 'none, gzip, snappy, lz4 and zstd are known: use one of them'
    return refuseClaim('UNSUPPORTED_COMPRESSION_TYPE', `has an unknown codec; ${known}`)
  }
  if (wrong !== undefined) {
    const next = 'encode it anew; if that fails too, look for damage on the way'
    return refuseClaim('CORRUPT_MESSAGE', `is no sound record batch: ${wrong}; ${next}`)
  }
  const length = batchBytes(bytes, at)
  if (length > batchBytesMax) {
    return refuseClaim(
      'MESSAGE_TOO_LARGE',
      `has ${length} bytes, max.message.bytes is ${batchBytesMax}: send less at once or raise it`,
    )
  }
  const count = recordCount(bytes, at)
  if (count < 1 || lastOffset(bytes, at) - baseOffset(bytes, at) !== count - 1) {
    const span = lastOffset(bytes, at) - baseOffset(bytes, at) + 1
    return refuseClaim(
      'INVALID_RECORD',
      `holds ${count} records over ${span} offsets: number its records from 0 without a gap`,
    )
  }
  if (isControl(bytes, at)) {
    const own = 'which only the cluster writes: clear that bit'
    return refuseClaim('INVALID_RECORD', `is marked as a control batch, ${own}`)
  }
  if (isTransactional(bytes, at)) {
    const next = 'send it without a transaction'
    return refuseClaim('INVALID_RECORD', `is of a transaction, which is not taken yet: ${next}`)
  }
  return validateTimes(bytes, at, limits)
}

function validateTimes(
  bytes: Uint8Array,
  at: number,
  { timestampMinMs, timestampMaxMs }: ClaimLimits,
): ClaimRefusal | undefined {
  const first = baseTimestampMs(bytes, at)
  const greatest = maxTimestampMs(bytes, at)
  if (hasLogAppendTime(bytes, at) || !isTimestamp(first) || !isTimestamp(greatest)) {
    const next = 'send CreateTime in ms since the Unix epoch, or -1'
    return refuseClaim('INVALID_TIMESTAMP', `has timestamps that are not a producer’s: ${next}`)
  }
  const latest = Math.max(first, greatest)
  if (latest > timestampMaxMs) {
    const next = 'set the producer’s clock right or raise message.timestamp.after.max.ms'
    return refuseClaim('INVALID_TIMESTAMP', `has time ${latest}, too far in the future: ${next}`)
  }
  const earliest = Math.min(first, greatest)
  if (earliest !== -1 && earliest < timestampMinMs) {
    const next = 'set the producer’s clock right or raise message.timestamp.before.max.ms'
    return refuseClaim('INVALID_TIMESTAMP', `has time ${earliest}, too far in the past: ${next}`)
  }
  return undefined
}

function isTimestamp(timestampMs: number): boolean {
  return timestampMs >= -1 && Number.isSafeInteger(timestampMs)
}
