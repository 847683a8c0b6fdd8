/**
 * Looks through batches of the metadata log for what the core must know of them: offsets, epochs and
 * voter sets. Used on what a fetch brought, which is checked here, and on the own log at start.
 */
import { concatBytes, MalformedBytesError } from '../../base/bytes.ts'
import { type Epoch, type Offset } from '../../base/id.ts'
import { type FetchedRun } from '../../core/raft/event.ts'
import { VoterSet, type VoterSetEntry } from '../../core/raft/voter-set.ts'
import {
  baseOffset,
  batchBytes,
  forEachBatch,
  isControl,
  leaderEpoch,
  nextOffset,
  verifyBatch,
} from '../../core/record/batch-header.ts'
import { readRecords } from '../../core/record/batch-reader.ts'
import { decodeControlRecord } from '../../core/record/control-record.ts'
import { type EpochEntry } from '../../core/record/epoch-history.ts'
import { type PartitionLog } from '../storage/partition-log.ts'

const scanBytesMax = 1024 * 1024

/** What a fetch brought: the run for the core, and its bytes, a piece for each epoch. */
export interface FetchedBatches {
  readonly run: FetchedRun
  /** As `PartitionLog.append` takes them: whole batches of one epoch each. */
  readonly pieces: readonly Uint8Array[]
}

/** The run in the slices, undefined when there are none, or a sentence that says what is wrong with them. */
export function describeFetched(
  slices: readonly Uint8Array[],
): FetchedBatches | string | undefined {
  const epochs: (EpochEntry & { readonly parts: Uint8Array[] })[] = []
  const voterSets: VoterSetEntry[] = []
  let end: Offset | undefined
  for (const slice of slices) {
    for (let at = 0; at < slice.length; at += batchBytes(slice, at)) {
      const wrong = verifyBatch(slice, at)
      if (wrong !== undefined) return wrong
      const start = baseOffset(slice, at)
      if (end !== undefined && start !== end) return `a batch at ${start} after the end ${end}`
      end = nextOffset(slice, at)
      const epoch = leaderEpoch(slice, at)
      const last = epochs.at(-1)
      if (last !== undefined && epoch < last.epoch) return `epoch ${epoch} after ${last.epoch}`
      const part = slice.subarray(at, at + batchBytes(slice, at))
      if (last?.epoch === epoch) last.parts.push(part)
      else epochs.push({ epoch, startOffset: start, parts: [part] })
      const voters = votersIn(slice, at)
      if (typeof voters === 'string') return voters
      if (voters !== undefined) voterSets.push({ offset: start, voters })
    }
  }
  const [first] = epochs
  if (first === undefined || end === undefined) return undefined
  return {
    run: { baseOffset: first.startOffset, endOffset: end, epochs: epochs.map(entryOf), voterSets },
    pieces: epochs.map(({ parts }) => concatBytes(parts)),
  }
}

/** Every voter set that the own log names. */
export async function readVoterSets(log: PartitionLog): Promise<readonly VoterSetEntry[]> {
  const found: VoterSetEntry[] = []
  for (let from = log.startOffset(); from < log.endOffset();) {
    const { slices, nextOffset: next } = await log.read({ from, bytesMax: scanBytesMax })
    for (const slice of slices) {
      forEachBatch(slice, (at) => {
        const voters = votersIn(slice, at)
        if (typeof voters === 'object') found.push({ offset: baseOffset(slice, at), voters })
      })
    }
    if (next <= from) break
    from = next
  }
  return found
}

function entryOf({ epoch, startOffset }: { epoch: Epoch; startOffset: Offset }): EpochEntry {
  return { epoch, startOffset }
}

function votersIn(bytes: Uint8Array, at: number): VoterSet | string | undefined {
  if (!isControl(bytes, at)) return undefined
  try {
    for (const view of readRecords(bytes, at)) {
      const record = decodeControlRecord(view)
      if (record.type === 'voters') return new VoterSet(record.voters)
    }
    return undefined
  } catch (error) {
    if (error instanceof MalformedBytesError) return `a broken control record: ${error.message}`
    throw error
  }
}
