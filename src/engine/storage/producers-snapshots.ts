/**
 * The snapshots of one log's producers: the two newest, so that a truncation behind the newest finds
 * one. They are rows of their own, beside extents and journals and in no order with them: a snapshot
 * proves by offset and leader epoch that it belongs to what the log holds, whatever of either was
 * lost, cut off or written anew since.
 */
import { offset as offsetOf, type Offset } from '../../base/id.ts'
import { type EpochHistory } from '../../core/record/epoch-history.ts'
import { type KeyValueOperation } from '../ports/key-value-store.ts'
import { producersKey } from './keys.ts'
import { put } from './log-table.ts'
import { type ProducersSnapshot } from './partition-log.ts'
import { producersRow } from './rows.ts'

/** What of the log a snapshot is held against. */
export interface LogRange {
  readonly start: Offset
  readonly end: Offset
  readonly epochs: EpochHistory
}

const keptCount = 2

/** The snapshots of one log. */
export class ProducersSnapshots {
  readonly #logId: number
  #kept: readonly ProducersSnapshot[]

  /** `found` are those in the table. */
  constructor(logId: number, found: readonly ProducersSnapshot[] = []) {
    this.#logId = logId
    this.#kept = found
  }

  /** The one with the greatest offset that is of this log. */
  newest(log: LogRange): ProducersSnapshot | undefined {
    let newest: ProducersSnapshot | undefined
    for (const snapshot of this.#kept)
      if (isOf(log, snapshot) && snapshot.endOffset >= (newest?.endOffset ?? 0)) newest = snapshot
    return newest
  }

  /** Rows that add one and remove those of no more use. */
  add(snapshot: ProducersSnapshot, log: LogRange): readonly KeyValueOperation[] {
    const others = this.#kept.filter(
      (kept) => isOf(log, kept) && kept.endOffset !== snapshot.endOffset,
    )
    const kept = [...others.slice(1 - keptCount), snapshot]
    const gone = this.#kept.filter(
      ({ endOffset }) => !kept.some((other) => other.endOffset === endOffset),
    )
    this.#kept = kept
    return [...gone.map((each) => this.#remove(each)), put(producersRow(this.#logId, snapshot))]
  }

  /** Rows that remove all: the log is dropped. */
  clear(): readonly KeyValueOperation[] {
    const gone = this.#kept
    this.#kept = []
    return gone.map((each) => this.#remove(each))
  }

  #remove({ endOffset }: ProducersSnapshot): KeyValueOperation {
    return { type: 'delete', key: producersKey(this.#logId, endOffset) }
  }
}

function isOf({ start, end, epochs }: LogRange, { endOffset, epoch }: ProducersSnapshot): boolean {
  return endOffset > start && endOffset <= end && epochs.epochAt(offsetOf(endOffset - 1)) === epoch
}
