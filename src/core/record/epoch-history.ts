/**
 * Which leader epoch starts at which offset, of what is in one log: the truth that truncation by
 * epoch (KIP-101, KIP-279) and the quorum's log comparison work on. The metadata quorum, replication
 * and storage each hold one; it is small (an entry an epoch that wrote something).
 *
 * Invariants:
 * - Epochs and start offsets both grow strictly from one entry to the next.
 */
import { assert } from '../../base/assert.ts'
import { type Epoch, type Offset } from '../../base/id.ts'

/** From `startOffset` on, records are of `epoch`, up to the next entry's start. */
export interface EpochEntry {
  readonly epoch: Epoch
  readonly startOffset: Offset
}

/** Where a log's last records of an epoch, or of the closest smaller one, end. */
export interface EpochEnd {
  readonly epoch: Epoch
  readonly endOffset: Offset
}

/** The epochs of one log. */
export class EpochHistory {
  #entries: EpochEntry[]

  constructor(entries: readonly EpochEntry[] = []) {
    this.#entries = []
    for (const entry of entries) this.assign(entry.epoch, entry.startOffset)
  }

  /** All entries, oldest first. */
  entries(): readonly EpochEntry[] {
    return this.#entries
  }

  /** Epoch of the last record; absent for an empty log. */
  lastEpoch(): Epoch | undefined {
    return this.#entries.at(-1)?.epoch
  }

  /** Records of `epoch` are appended at `startOffset`: a new entry unless it is the last epoch already. */
  assign(epoch: Epoch, startOffset: Offset): void {
    const last = this.#entries.at(-1)
    if (last !== undefined) {
      assert(epoch >= last.epoch, `epoch ${epoch} was appended after epoch ${last.epoch}`)
      assert(
        startOffset >= last.startOffset,
        `offset ${startOffset} was appended below ${last.startOffset}`,
      )
      if (epoch === last.epoch) return
      assert(startOffset > last.startOffset, `epoch ${last.epoch} would be empty`)
    }
    this.#entries.push({ epoch, startOffset })
  }

  /** The log now ends at `endOffset`: epochs that start there or later are gone. */
  truncateTo(endOffset: Offset): void {
    this.#entries = this.#entries.filter((entry) => entry.startOffset < endOffset)
  }

  /** The log now starts at `startOffset`, and ends at `endOffset`: the epoch in force there starts with it. */
  truncateStart(startOffset: Offset, endOffset: Offset): void {
    const inForce = this.#entries.findLast((entry) => entry.startOffset <= startOffset)
    const later = this.#entries.filter((entry) => entry.startOffset > startOffset)
    this.#entries =
      inForce === undefined || startOffset >= endOffset
        ? later
        : [{ epoch: inForce.epoch, startOffset }, ...later]
  }

  /** Epoch of the record at `offset`, which is in the log; absent below the log's start. */
  epochAt(offset: Offset): Epoch | undefined {
    return this.#entries.findLast((entry) => entry.startOffset <= offset)?.epoch
  }

  /**
   * The largest epoch of this log that is at most `epoch`, and where its records end (`endOffset` of
   * the log for the last one): what a leader answers to a follower that asks how far they agree.
   * Absent when every record is of a later epoch, or there is none.
   */
  endOffsetFor(epoch: Epoch, endOffset: Offset): EpochEnd | undefined {
    const index = this.#entries.findLastIndex((entry) => entry.epoch <= epoch)
    const found = this.#entries[index]
    if (found === undefined) return undefined
    return { epoch: found.epoch, endOffset: this.#entries[index + 1]?.startOffset ?? endOffset }
  }
}
