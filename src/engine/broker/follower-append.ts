/**
 * What a follower does with the batches of an answer: checks header and CRC of each, that they go on
 * where its log ends, and cuts the run where the leader epoch changes, because one append is of one
 * epoch. Pure apart from the log it is handed.
 */
import { concatBytes } from '../../base/bytes.ts'
import { type Epoch, type Offset } from '../../base/id.ts'
import {
  baseOffset,
  batchBytes,
  leaderEpoch,
  nextOffset,
  verifyBatch,
} from '../../core/record/batch-header.ts'

/** Runs to append one after the other, or what is wrong with the bytes. */
export type PlannedAppends =
  | {
      readonly ok: true
      readonly runs: readonly Uint8Array[]
      readonly endOffset: Offset
      /** Where the log, which is empty, must restart first: its start lies inside the first batch. */
      readonly restartsAt?: Offset
    }
  | { readonly ok: false; readonly message: string }

/** A log to append to, and the epoch that it follows. */
export interface FollowingLog {
  readonly startOffset: Offset
  readonly endOffset: Offset
  readonly epochMax: Epoch
}

/** Plans the appends of one answer. */
export function planFollowerAppends(
  slices: readonly Uint8Array[],
  follower: FollowingLog,
): PlannedAppends {
  const [only] = slices
  const bytes = slices.length === 1 && only !== undefined ? only : concatBytes(slices)
  const runs: Uint8Array[] = []
  let end = follower.endOffset
  let restartsAt: Offset | undefined
  let runFrom = 0
  let runEpoch: Epoch | undefined
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
    const wrong = verifyBatch(bytes, at)
    if (wrong !== undefined) return { ok: false, message: `not a record batch: ${wrong}` }
    if (nextOffset(bytes, at) <= end && runEpoch === undefined) {
      runFrom = at + batchBytes(bytes, at)
      continue
    }
    // Later than due is right: the leader's log may have been compacted. Earlier is right where both
    // logs start inside a batch.
    if (baseOffset(bytes, at) < end) {
      const beginsInside = runEpoch === undefined && follower.startOffset === end
      if (!beginsInside)
        return { ok: false, message: `offset ${baseOffset(bytes, at)} where ${end} was due` }
      restartsAt = baseOffset(bytes, at)
    }
    const epoch = leaderEpoch(bytes, at)
    if (epoch > follower.epochMax || (runEpoch !== undefined && epoch < runEpoch)) {
      return { ok: false, message: `epoch ${epoch} in a log of epoch ${follower.epochMax}` }
    }
    if (runEpoch !== undefined && epoch !== runEpoch) {
      runs.push(bytes.subarray(runFrom, at))
      runFrom = at
    }
    runEpoch = epoch
    end = nextOffset(bytes, at)
  }
  if (runEpoch !== undefined) runs.push(bytes.subarray(runFrom))
  return { ok: true, runs, endOffset: end, ...(restartsAt !== undefined && { restartsAt }) }
}
