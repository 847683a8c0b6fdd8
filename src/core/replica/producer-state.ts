/**
 * What a partition remembers of the idempotent producers that write to it, so that a retry is
 * recognised: for each its epoch and its newest stretches of the log. A leader checks claims against
 * it in the turn of the append; every replica replays each batch into it, and from a snapshot and the
 * headers of the batches behind it the same state comes about on any replica. Sources: KIP-98,
 * KIP-360, KIP-447.
 *
 *   claim ─▶ check ─┬─ accept ─▶ append ─▶ replay
 *                   ├─ duplicate ─▶ answered with the offset that it has
 *                   └─ out of order, old epoch ─▶ refused, nothing appended
 *
 * Invariants: sequences and offsets of a stretch run in step; a producer has one to five stretches,
 * oldest first; nothing is kept per record.
 */
import { type Offset, offset } from '../../base/id.ts'
import {
  baseOffset,
  baseSequence,
  batchBytes,
  forEachBatch,
  hasLogAppendTime,
  isControl,
  maxTimestampMs,
  nextOffset,
  producerEpoch,
  producerId,
  recordCount,
} from '../record/batch-header.ts'
import { sequenceDistance, sequencePlus } from '../record/sequence.ts'

/** What a run of batches says of its producer: one claim for all of them, since they follow on each other. */
export interface ProducerClaim {
  readonly producerId: number
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly recordCount: number
}

/** A batch in the log that has a producer. */
export interface ProducerBatch extends ProducerClaim {
  readonly baseOffset: Offset
  /** The broker's time of append; -1 when the records carry the producer's. */
  readonly appendTimeMs: number
}

/** Consecutive sequences at consecutive offsets: one batch, or more that were appended in a row. */
export type Stretch = Omit<ProducerBatch, 'producerId' | 'producerEpoch'>

/** One producer, as snapshots have it. */
export interface ProducerEntry {
  readonly producerId: number
  readonly producerEpoch: number
  /** How long ago its last batch came. */
  readonly idleMs: number
  readonly stretches: readonly Stretch[]
}

/** Why a claim is refused. */
export type ClaimError = 'OUT_OF_ORDER_SEQUENCE_NUMBER' | 'INVALID_PRODUCER_EPOCH'

/** What to do with a claim. */
export type ClaimVerdict =
  | { readonly type: 'accept' }
  | { readonly type: 'duplicate'; readonly baseOffset: Offset; readonly appendTimeMs: number }
  | { readonly type: 'refuse'; readonly code: ClaimError; readonly message: string }

interface Remembered {
  epoch: number
  seenAtMs: number
  stretches: readonly Stretch[]
}

/** As many requests as a producer may have in flight to a partition (KIP-98). */
export const stretchCountMax = 5
/** Far below 2^31, so that "in it" and "next after it" never mean the same sequence. */
const stretchRecordsMax = 1 << 30

/** The producers of one partition. */
export class ProducerState {
  readonly #producers = new Map<number, Remembered>()
  #endOffset: Offset
  #mayHaveForgotten: boolean

  /** Knows of all producers in a log from its very first record up to `endOffset`, which has none. */
  constructor(endOffset: Offset, mayHaveForgotten = false) {
    this.#endOffset = endOffset
    this.#mayHaveForgotten = mayHaveForgotten
  }

  /** What a snapshot holds, at its offset. */
  static restore(
    at: { readonly endOffset: Offset; readonly mayHaveForgotten: boolean; readonly nowMs: number },
    entries: readonly ProducerEntry[],
  ): ProducerState {
    const state = new ProducerState(at.endOffset, at.mayHaveForgotten)
    for (const { producerId: id, producerEpoch: epoch, idleMs, stretches } of entries)
      state.#producers.set(id, { epoch, seenAtMs: at.nowMs - idleMs, stretches })
    return state
  }

  /** Offset after the last batch that was replayed. */
  endOffset(): Offset {
    return this.#endOffset
  }

  /** How many producers are remembered. */
  producerCount(): number {
    return this.#producers.size
  }

  /** True when producers may be missing that once wrote: expired ones, or those of records that are gone. */
  mayHaveForgotten(): boolean {
    return this.#mayHaveForgotten
  }

  /** All producers, for a snapshot. */
  entries(nowMs: number): readonly ProducerEntry[] {
    return Array.from(this.#producers, ([id, { epoch, seenAtMs, stretches }]) => ({
      producerId: id,
      producerEpoch: epoch,
      idleMs: Math.max(0, nowMs - seenAtMs),
      stretches,
    }))
  }

  /** Where the last batch of each producer ends. */
  ends(): ReadonlyMap<number, Offset> {
    const ends = new Map<number, Offset>()
    for (const [id, { stretches }] of this.#producers) {
      const last = stretches.at(-1)
      if (last !== undefined) ends.set(id, offset(last.baseOffset + last.recordCount))
    }
    return ends
  }

  /** What to do with a claim; changes nothing. */
  check(claim: ProducerClaim): ClaimVerdict {
    const known = this.#producers.get(claim.producerId)
    const { firstSequence } = claim
    if (known === undefined) {
      // As in Kafka: whoever was forgotten may go on where it is.
      if (firstSequence === 0 || this.#mayHaveForgotten) return { type: 'accept' }
      return outOfOrder(claim, 0)
    }
    if (claim.producerEpoch < known.epoch) {
      const message = `epoch ${claim.producerEpoch} of producer ${claim.producerId}, which is at ${known.epoch}`
      return { type: 'refuse', code: 'INVALID_PRODUCER_EPOCH', message }
    }
    if (claim.producerEpoch > known.epoch)
      return firstSequence === 0 ? { type: 'accept' } : outOfOrder(claim, 0)
    const next = nextSequenceOf(known)
    if (firstSequence === next) return { type: 'accept' }
    return duplicateOf(claim, known.stretches) ?? outOfOrder(claim, next)
  }

  /** Takes a run of stamped batches that is in the log now; nothing is checked. */
  replayRun(bytes: Uint8Array, nowMs: number): void {
    forEachBatch(bytes, (at) => {
      const id = producerId(bytes, at)
      if (id >= 0 && !isControl(bytes, at)) this.replay(batchAt(bytes, at), nowMs)
      this.#endOffset = nextOffset(bytes, at)
    })
  }

  /** Takes one batch of a producer. */
  replay(batch: ProducerBatch, nowMs: number): void {
    const { producerId: id, producerEpoch: epoch, ...stretch } = batch
    const known = this.#producers.get(id)
    if (known?.epoch !== epoch) {
      this.#producers.set(id, { epoch, seenAtMs: nowMs, stretches: [stretch] })
    } else {
      known.seenAtMs = nowMs
      known.stretches = withStretch(known.stretches, stretch)
    }
    this.#endOffset = offset(batch.baseOffset + batch.recordCount)
  }

  /** Records up to `endOffset` could not be looked at: whoever wrote them is not known. */
  skipTo(endOffset: Offset): void {
    this.#endOffset = endOffset
    this.#mayHaveForgotten = true
  }

  /** Forgets producers that wrote nothing for `idleMsMax`. */
  expire(nowMs: number, idleMsMax: number): void {
    for (const [id, { seenAtMs }] of this.#producers) {
      if (nowMs - seenAtMs < idleMsMax) continue
      this.#producers.delete(id)
      this.#mayHaveForgotten = true
    }
  }
}

/** The claim of sound batches, `none` without a producer, or undefined when its batches do not follow on each other. */
export function claimOf(bytes: Uint8Array): ProducerClaim | 'none' | undefined {
  const id = producerId(bytes, 0)
  const epoch = producerEpoch(bytes, 0)
  const firstSequence = baseSequence(bytes, 0)
  let count = 0
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
    if (producerId(bytes, at) !== id || producerEpoch(bytes, at) !== epoch) return undefined
    const expected = id < 0 ? -1 : sequencePlus(firstSequence, count)
    if (baseSequence(bytes, at) !== expected) return undefined
    count += recordCount(bytes, at)
  }
  if (id < 0) return epoch === -1 ? 'none' : undefined
  if (epoch < 0 || firstSequence < 0) return undefined
  return { producerId: id, producerEpoch: epoch, firstSequence, recordCount: count }
}

function batchAt(bytes: Uint8Array, at: number): ProducerBatch {
  return {
    producerId: producerId(bytes, at),
    producerEpoch: producerEpoch(bytes, at),
    firstSequence: baseSequence(bytes, at),
    // Not its record count: compaction takes records out, their sequences stay used.
    recordCount: nextOffset(bytes, at) - baseOffset(bytes, at),
    baseOffset: baseOffset(bytes, at),
    appendTimeMs: hasLogAppendTime(bytes, at) ? maxTimestampMs(bytes, at) : -1,
  }
}

function nextSequenceOf({ stretches }: Remembered): number {
  const last = stretches.at(-1)
  return last === undefined ? 0 : sequencePlus(last.firstSequence, last.recordCount)
}

/** The stretch that holds all records of a claim says where they are. */
function duplicateOf(
  claim: ProducerClaim,
  stretches: readonly Stretch[],
): ClaimVerdict | undefined {
  for (const stretch of stretches) {
    const ahead = sequenceDistance(stretch.firstSequence, claim.firstSequence)
    if (ahead + claim.recordCount > stretch.recordCount) continue
    const { appendTimeMs } = stretch
    return { type: 'duplicate', baseOffset: offset(stretch.baseOffset + ahead), appendTimeMs }
  }
  return undefined
}

/** A batch right behind the newest stretch makes it longer; else the oldest of too many goes. */
function withStretch(stretches: readonly Stretch[], next: Stretch): readonly Stretch[] {
  const last = stretches.at(-1)
  if (last === undefined || !continues(last, next))
    return [...stretches.slice(1 - stretchCountMax), next]
  const count = last.recordCount + next.recordCount
  const dropped = Math.max(0, count - stretchRecordsMax)
  return [
    ...stretches.slice(0, -1),
    {
      firstSequence: sequencePlus(last.firstSequence, dropped),
      recordCount: count - dropped,
      baseOffset: offset(last.baseOffset + dropped),
      appendTimeMs: last.appendTimeMs,
    },
  ]
}

function continues(last: Stretch, next: Stretch): boolean {
  return (
    last.baseOffset + last.recordCount === next.baseOffset &&
    sequencePlus(last.firstSequence, last.recordCount) === next.firstSequence &&
    last.appendTimeMs === next.appendTimeMs
  )
}

function outOfOrder(claim: ProducerClaim, next: number): ClaimVerdict {
  const message =
    `sequence ${claim.firstSequence} of producer ${claim.producerId} ` +
    `in epoch ${claim.producerEpoch}, where ${next} is next`
  return { type: 'refuse', code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', message }
}
