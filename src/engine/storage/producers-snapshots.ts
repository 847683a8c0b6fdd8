/**
 * The snapshots of one log's producers: the newest in the table, the one before, and the last of some
 * earlier segments, so that a truncation behind the newest finds one not far away. A snapshot waits in
 * memory until the table reaches its offset and is written in that very batch, so no crash leaves one
 * of records that are lost. It proves by offset and leader epoch that it belongs to what the log holds,
 * whatever was cut off or written anew since.
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

/** Beside the newest. */
const keptCount = 4

/** The snapshots of one log. */
export class ProducersSnapshots {
  readonly #logId: number
  /** In the table, by offset. */
  #kept: readonly ProducersSnapshot[]
  /** Wait for the table, by offset: the one that it reaches first, and the newest. */
  #waiting: readonly ProducersSnapshot[] = []

  /** `found` are those in the table. */
  constructor(logId: number, found: readonly ProducersSnapshot[] = []) {
    this.#logId = logId
    this.#kept = found
  }

  /** The one with the greatest offset that is of this log. */
  newest(log: LogRange): ProducersSnapshot | undefined {
    return [...this.#kept, ...this.#waiting].findLast((snapshot) => isOf(log, snapshot))
  }

  /** Keeps a snapshot until `reached`. */
  offer(snapshot: ProducersSnapshot): void {
    this.#waiting = [...this.#waiting.slice(0, 1), snapshot]
  }

  /** Rows of what the table has reached, and the removal of those of no more use. `log` is the log as the table has it. */
  reached(log: LogRange, segmentOver: (end: Offset) => Offset): readonly KeyValueOperation[] {
    const isReached = ({ endOffset }: ProducersSnapshot): boolean => endOffset <= log.end
    const newest = this.#waiting.findLast((each) => isReached(each) && isOf(log, each))
    this.#waiting = this.#waiting.filter((each) => !isReached(each))
    if (newest === undefined) return []
    const earlier = this.#kept.filter(
      (kept) => isOf(log, kept) && kept.endOffset < newest.endOffset,
    )
    const lastOfSegments = earlier.filter((each, index) => {
      const next = earlier[index + 1]
      return next === undefined || segmentOver(next.endOffset) !== segmentOver(each.endOffset)
    })
    const kept = [...lastOfSegments.slice(-keptCount), newest]
    const gone = this.#kept.filter((each) => !kept.includes(each) && each.endOffset !== newest.endOffset) // prettier-ignore
    this.#kept = kept
    return [...gone.map((each) => this.#remove(each)), put(producersRow(this.#logId, newest))]
  }

  /** Rows that remove all: the log is dropped. */
  clear(): readonly KeyValueOperation[] {
    const gone = this.#kept
    this.#kept = []
    this.#waiting = []
    return gone.map((each) => this.#remove(each))
  }

  #remove({ endOffset }: ProducersSnapshot): KeyValueOperation {
    return { type: 'delete', key: producersKey(this.#logId, endOffset) }
  }
}

function isOf({ start, end, epochs }: LogRange, { endOffset, epoch }: ProducersSnapshot): boolean {
  return endOffset > start && endOffset <= end && epochs.epochAt(offsetOf(endOffset - 1)) === epoch
}
