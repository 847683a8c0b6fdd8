/**
 * Runs: consecutive whole batches of one log and one leader epoch. Their headers are looked at once,
 * when they come in; everything else about them is arithmetic on the result.
 *
 * A run covers all offsets from `first` up to `next`. Where compaction took records out, its batches
 * do not: an offset without a batch belongs to the run of the batch after it. So the runs of a log
 * are gapless whatever was compacted, and a hole between two of them is always damage.
 */
import { assert } from '../../base/assert.ts'
import { crc32c } from '../../base/crc32c.ts'
import { type Epoch, type Offset } from '../../base/id.ts'
import {
  baseOffset,
  batchHeaderBytes,
  hasPossiblePlace,
  leaderEpoch,
  maxTimestampMs,
  nextOffset,
  verifyBatch,
  wholeBatchBytes,
} from '../../core/record/batch-header.ts'

/** What the batches of a run say together. */
export interface Run {
  /** The first offset that it covers: of its first record, unless what came before was compacted. */
  readonly first: Offset
  /** Offset after the last record. */
  readonly next: Offset
  readonly epoch: Epoch
  readonly batchCount: number
  readonly maxTimestampMs: number
  /** CRC32C over the 61-byte headers, in order: base offsets and epochs included, which no batch CRC covers. */
  readonly headersCrc: number
  readonly length: number
}

/**
 * Reads the headers of a run; undefined when the bytes are not whole, consecutive batches of one
 * epoch. With `coveredFrom`, offsets may be missing from there on: they were compacted.
 */
export function describeRun(slices: readonly Uint8Array[], coveredFrom?: Offset): Run | undefined {
  const [head] = slices
  if (head === undefined || wholeBatchBytes(head, 0) === undefined) return undefined
  if (!hasPossiblePlace(head, 0)) return undefined
  const first = coveredFrom ?? baseOffset(head, 0)
  const epoch = leaderEpoch(head, 0)
  let next = first
  let batchCount = 0
  let greatestMs = -1
  let headersCrc = 0
  let length = 0
  for (const bytes of slices) {
    length += bytes.length
    let at = 0
    while (at < bytes.length) {
      const batchLength = wholeBatchBytes(bytes, at)
      if (batchLength === undefined || !hasPossiblePlace(bytes, at)) return undefined
      const base = baseOffset(bytes, at)
      if (coveredFrom === undefined ? base !== next : base < next) return undefined
      if (leaderEpoch(bytes, at) !== epoch) return undefined
      next = nextOffset(bytes, at)
      greatestMs = Math.max(greatestMs, maxTimestampMs(bytes, at))
      headersCrc = crc32c(bytes.subarray(at, at + batchHeaderBytes), headersCrc)
      batchCount += 1
      at += batchLength
    }
  }
  return { first, next, epoch, batchCount, maxTimestampMs: greatestMs, headersCrc, length }
}

/** As `describeRun` where the caller proves that the bytes are a run. */
export function runOf(slices: readonly Uint8Array[], coveredFrom?: Offset): Run {
  const run = describeRun(slices, coveredFrom)
  assert(run !== undefined, 'appended bytes are not consecutive whole batches of one leader epoch')
  return run
}

/** True when every batch's own CRC proves its body. */
export function bodiesAreSound(bytes: Uint8Array): boolean {
  let at = 0
  while (at < bytes.length) {
    const length = wholeBatchBytes(bytes, at)
    if (length === undefined || verifyBatch(bytes, at) !== undefined) return false
    at += length
  }
  return true
}

/** Index in a run of the batch that holds `offset`, or the length of the run when it ends before. */
export function indexOfBatch(bytes: Uint8Array, offset: Offset): number {
  let at = 0
  while (at < bytes.length && nextOffset(bytes, at) <= offset) at += wholeLength(bytes, at)
  return at
}

/** How much of a run is wanted. */
export interface CutBound {
  /** Batches that end beyond it are left out. */
  readonly upTo: Offset
  readonly bytesMax: number
  /** The first batch is taken however large it is. */
  readonly atLeastOne: boolean
}

/** Whole batches of a run. */
export interface Cut {
  readonly slice: Uint8Array
  readonly next: Offset
}

/** The batches of a run from the one that holds `from` on, within the bounds; undefined for none. */
export function cutRun(bytes: Uint8Array, from: Offset, bound: CutBound): Cut | undefined {
  const start = indexOfBatch(bytes, from)
  let end = start
  let next: Offset | undefined
  while (end < bytes.length) {
    const batchNext = nextOffset(bytes, end)
    const batchEnd = end + wholeLength(bytes, end)
    const isFree = next === undefined && bound.atLeastOne
    if (batchNext > bound.upTo || (batchEnd - start > bound.bytesMax && !isFree)) break
    end = batchEnd
    next = batchNext
  }
  return next === undefined ? undefined : { slice: bytes.subarray(start, end), next }
}

function wholeLength(bytes: Uint8Array, at: number): number {
  const length = wholeBatchBytes(bytes, at)
  assert(length !== undefined, 'a stored run does not end with a whole batch')
  return length
}
