/**
 * Segment files that no row names any more, on their way out: each stays for the delay of its log.
 * The table names them as doomed meanwhile, so what is not removed when the directory closes, or its
 * process ends, is removed when it opens.
 */
import { type Clock, type Timer } from '../ports/clock.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type DoomedFile } from './segment-table.ts'

/** What removals work with. */
export interface SegmentRemovalParts {
  readonly clock: Clock
  readonly lifecycle: Lifecycle
  /** Removes files, then the rows that doom them. */
  readonly remove: (fileIds: readonly number[]) => Promise<void>
  /** False when nothing may be written any more. */
  readonly isWritable: () => boolean
}

/** Removes files after their delay. */
export class SegmentRemoval {
  readonly #parts: SegmentRemovalParts
  readonly #timers = new Set<Timer>()

  constructor(parts: SegmentRemovalParts) {
    this.#parts = parts
  }

  /** Rows that named these files are gone. */
  add(doomed: readonly DoomedFile[]): void {
    const delays = new Set(doomed.map(({ delayMs }) => delayMs))
    for (const delayMs of delays) {
      const fileIds = doomed.filter((each) => each.delayMs === delayMs).map(({ fileId }) => fileId)
      if (delayMs > 0) this.#removeLater(fileIds, delayMs)
      else this.#remove(fileIds)
    }
  }

  /** Nothing is removed any more. */
  close(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }

  #removeLater(fileIds: readonly number[], delayMs: number): void {
    const timer = this.#parts.clock.after(delayMs, () => {
      this.#timers.delete(timer)
      if (this.#parts.isWritable()) this.#remove(fileIds)
    })
    this.#timers.add(timer)
  }

  #remove(fileIds: readonly number[]): void {
    this.#parts.lifecycle.spawn('remove-segments', async () => this.#parts.remove(fileIds))
  }
}
