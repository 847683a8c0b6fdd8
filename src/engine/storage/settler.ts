/**
 * Settling: what the journal holds of a log is written to its segment file as runs, synced, and then
 * named by the table, so that the journal file can go. A few logs at once; a log waits in the queue
 * at most once.
 */
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type Extent } from './extent.ts'
import { type Guard } from './guard.ts'
import { type IntervalFlush } from './interval-flush.ts'
import { type Held, type LogState } from './log-state.ts'
import { extentsOf, newestOf } from './placement.ts'
import { type SegmentFiles } from './segment-files.ts'
import { type SegmentTable } from './segment-table.ts'
import { type TailCache, type TailEntry } from './tail.ts'

const widthMax = 4

/** What settling works with. */
export interface SettlerParts {
  readonly files: SegmentFiles
  readonly table: SegmentTable
  readonly cache: TailCache
  readonly lifecycle: Lifecycle
  readonly guard: Guard
  readonly interval: IntervalFlush
  /** Bytes of which the table will hold the place from now on. */
  readonly holdsLess: (bytes: number) => void
  readonly settleBytes: number
  /** Throws after a failed write. */
  readonly assertSound: () => void
}

/** Settles logs in the background. */
export class Settler {
  readonly #parts: SettlerParts
  readonly #queue: LogState[] = []
  #activeCount = 0

  constructor(parts: SettlerParts) {
    this.#parts = parts
  }

  /** Settles a log soon, unless a cut of it runs: then whoever cuts it asks again. */
  settleSoon(log: LogState): void {
    if (log.isSettleQueued || log.isSettling || log.isActing || log.held.length === 0) return
    log.isSettleQueued = true
    this.#queue.push(log)
    if (this.#activeCount >= widthMax) return
    this.#activeCount += 1
    this.#parts.lifecycle.spawn('settle', async () => this.#drain())
  }

  /** Settles all that the journal holds of a log now; its rows are queued when this resolves. */
  async settle(log: LogState): Promise<void> {
    while (log.isSettling) {
      await log.changed.wait()
      this.#parts.assertSound()
    }
    if (log.held.length > 0) await this.#settleOne(log)
  }

  /** Lets the rows of all that is placed become readable. */
  async publish(log: LogState): Promise<void> {
    await this.#parts.interval.syncWaiting(log)
    await this.#parts.table.flush()
  }

  /** The table reflects a cut: what the journal held of the log is of no use any more. */
  forget(held: readonly Held[]): void {
    this.#parts.holdsLess(held.reduce((sum, { bytes }) => sum + bytes, 0))
  }

  async #drain(): Promise<void> {
    try {
      for (let log = this.#queue.shift(); log !== undefined; log = this.#queue.shift()) {
        log.isSettleQueued = false
        if (!log.isSettling && !log.isActing && log.held.length > 0) await this.#settleOne(log)
      }
    } finally {
      this.#activeCount -= 1
    }
  }

  async #settleOne(log: LogState): Promise<void> {
    await this.#parts.guard(async () => this.#settleHeld(log))
  }

  async #settleHeld(log: LogState): Promise<void> {
    log.isSettling = true
    const heldBytes = log.heldBytes
    const held = log.takeHeld()
    const entries = aliveEntries(held)
    const extents = entries.length === 0 ? [] : await this.#writeRuns(log, entries)
    await this.#parts.interval.syncWaiting(log)
    log.place(extents)
    for (const entry of entries) this.#parts.cache.add(entry)
    const settledThrough = held.at(-1)?.group
    this.#parts.table.enqueue({
      log,
      act: { type: 'extents', extents },
      ...(settledThrough !== undefined && { settledThrough }),
      holds: held.map(({ life }) => life),
    })
    log.isSettling = false
    log.changed.ring()
    if (log.heldBytes >= this.#parts.settleBytes) this.settleSoon(log)
    this.#parts.holdsLess(heldBytes)
  }

  async #writeRuns(log: LogState, entries: readonly TailEntry[]): Promise<readonly Extent[]> {
    const { writer } = log
    if (writer === undefined) return []
    const slices = entries.map(({ bytes }) => bytes)
    const bytes = slices.reduce((sum, slice) => sum + slice.length, 0)
    const { handle, position } = await writer.reserveSoon({ bytes, newestMs: newestOf(entries) })
    try {
      await handle.file.write(position, slices)
      if (log.flush === 'interval') await handle.file.sync()
    } finally {
      this.#parts.files.release(handle)
    }
    return extentsOf(entries, handle.fileId, position)
  }
}

function aliveEntries(held: readonly Held[]): readonly TailEntry[] {
  const entries: TailEntry[] = []
  for (const { entry } of held) if (entry !== undefined && !entry.isGone) entries.push(entry)
  return entries
}
