/**
 * Finds records by time: the log says which batch claims a time as late, and that one is opened, a
 * record at a time. A header may claim what its records do not have (nobody opened it when it came,
 * or compaction emptied it): then the search goes on behind it. Called by the list-offsets handler.
 *
 * Invariants:
 * - At most `widthMax` batches are open at a time, each within `inflatedBytesMax` bytes, and the event
 *   loop is given back after `recordsPerTurn` records.
 * - A batch that cannot be opened counts as found: readers come to it and hear why, none passes it by.
 */
import { MalformedBytesError } from '../../base/bytes.ts'
import { type Offset } from '../../base/id.ts'
import {
  baseOffset,
  batchHeaderBytes,
  compression,
  maxTimestampMs,
  nextOffset,
} from '../../core/record/batch-header.ts'
import { RecordCursor } from '../../core/record/batch-reader.ts'
import { type Clock } from '../ports/clock.ts'
import { type Compressor } from '../ports/compressor.ts'
import { StorageFault } from '../ports/fault.ts'
import { Gate } from '../runtime/gate.ts'
import { sleep } from '../runtime/sleep.ts'
import { type PartitionLog } from '../storage/partition-log.ts'

/** A record and its time. */
export interface RecordTime {
  readonly offset: Offset
  readonly timestampMs: number
}

/** Where to look: below `upTo`, until the deadline. */
export interface LookupBound {
  readonly upTo: Offset
  readonly deadlineAtMs: number
}

const widthMax = 2
/** A request at a time of each connection waits. */
const waitingCountMax = 1_000_000
/** What consumers can open, too. */
const inflatedBytesMax = 32 * 1024 * 1024
/** About a millisecond. */
const recordsPerTurn = 10_000

/** Looks records up by time. */
export class TimeLookup {
  readonly #compressor: Compressor
  readonly #clock: Clock
  readonly #gate = new Gate({ widthMax, queueCountMax: waitingCountMax })

  constructor(ports: { readonly compressor: Compressor; readonly clock: Clock }) {
    this.#compressor = ports.compressor
    this.#clock = ports.clock
  }

  /** The first record, by offset, of this time or later. Rejects as reads of the log do. */
  async firstAt(
    log: PartitionLog,
    timestampMs: number,
    bound: LookupBound,
  ): Promise<RecordTime | 'none' | 'late'> {
    const found = await this.#search(log, timestampMs, bound)
    return typeof found === 'number' ? 'none' : found
  }

  /** The first of the records with the greatest timestamp (KIP-734). Rejects as reads of the log do. */
  async greatest(log: PartitionLog, bound: LookupBound): Promise<RecordTime | 'none' | 'late'> {
    let earlierMs = -1
    for (let below = Infinity; ;) {
      const claimedMs = await log.greatestTimestampMs({ upTo: bound.upTo, below })
      // A batch that claims too much may still have a later record than what the others claim.
      const timestampMs = Math.max(claimedMs, earlierMs)
      if (timestampMs < 0) return 'none'
      const found = await this.#search(log, timestampMs, bound)
      if (typeof found !== 'number') return found
      earlierMs = found
      below = timestampMs
    }
  }

  /** As `firstAt`; when there is none, the greatest timestamp of the records that were looked at. */
  async #search(
    log: PartitionLog,
    timestampMs: number,
    { upTo, deadlineAtMs }: LookupBound,
  ): Promise<RecordTime | 'late' | number> {
    let greatestMs = -1
    for (let from = log.startOffset(); ;) {
      const batch = await log.batchAtTime({ timestampMs, from, upTo })
      if (batch === undefined) return greatestMs
      const found = await this.#gate.run(async () => this.#firstIn(batch, timestampMs, log))
      if (typeof found !== 'number') return found
      if (this.#clock.nowMs() >= deadlineAtMs) return 'late'
      greatestMs = Math.max(greatestMs, found)
      from = nextOffset(batch, 0)
    }
  }

  async #firstIn(
    batch: Uint8Array,
    timestampMs: number,
    log: PartitionLog,
  ): Promise<RecordTime | number> {
    let greatestMs = -1
    try {
      const cursor = await this.#open(batch)
      for (let count = 1; cursor.next(); count++) {
        if (count % recordsPerTurn === 0) await sleep(this.#clock, 0)
        if (cursor.offset < log.startOffset()) continue
        if (cursor.timestampMs >= timestampMs) return cursor.view()
        greatestMs = Math.max(greatestMs, cursor.timestampMs)
      }
      return greatestMs
    } catch (cause) {
      if (!(cause instanceof MalformedBytesError || cause instanceof StorageFault)) throw cause
      const [base, start] = [baseOffset(batch, 0), log.startOffset()]
      return { offset: base < start ? start : base, timestampMs: maxTimestampMs(batch, 0) }
    }
  }

  async #open(batch: Uint8Array): Promise<RecordCursor> {
    const codec = compression(batch, 0)
    if (codec === 'none') return new RecordCursor().open(batch, 0)
    const packed = batch.subarray(batchHeaderBytes)
    const plain = await this.#compressor.decompress(codec, packed, inflatedBytesMax)
    return new RecordCursor().openInflated(batch, 0, plain)
  }
}
