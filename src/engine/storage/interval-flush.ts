/**
 * The background syncs of `flush=interval`: each file every 16 MiB, so that the kernel never has to
 * throttle its writers, and everything that is dirty every `log.flush.interval.ms`. Rows of direct
 * writes wait here for their file's sync, because the table only names what is durable; a log's rows
 * leave in order.
 */
import { type Clock, type Timer } from '../ports/clock.ts'
import { type File } from '../ports/file-store.ts'
import { Coalescer } from '../runtime/coalescer.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type CommitMark } from './commit-mark.ts'
import { type Guard } from './guard.ts'
import { type CommittedGroup, type DirectWrite } from './group-commit.ts'
import { type RingFile } from './journal-ring.ts'
import { type LogState } from './log-state.ts'
import { type SegmentFiles, type SegmentHandle } from './segment-files.ts'

const syncBytes = 16 * 1024 * 1024

interface Dirty {
  readonly file: File
  readonly syncing: Coalescer
  /** Held for as long as the file is dirty. */
  handles: SegmentHandle[]
  writes: Waiting[]
  /** Bytes since a sync was last asked for because of them. */
  bytes: number
  /** How often something was noted: no sync covers what was noted after it began. */
  notedCount: number
}

interface Waiting {
  readonly write: DirectWrite
  isSynced: boolean
}

/** What the flush works with. */
export interface IntervalFlushParts {
  readonly clock: Clock
  readonly mark: CommitMark
  readonly files: SegmentFiles
  readonly lifecycle: Lifecycle
  readonly guard: Guard
  readonly flushIntervalMs: number
  /** Called when the bytes of a direct write are durable, in the log's order. */
  readonly isDurable: (write: DirectWrite) => void
}

/** Keeps track of what `interval` logs have not synced. */
export class IntervalFlush {
  readonly #parts: IntervalFlushParts
  readonly #dirty = new Map<File, Dirty>()
  readonly #waiting = new Map<LogState, Waiting[]>()
  #lastGroup = 0
  #timer: Timer | undefined

  constructor(parts: IntervalFlushParts) {
    this.#parts = parts
  }

  /** A direct write is in the page cache. */
  noteDirect(write: DirectWrite): void {
    const { handle, log, extents } = write
    const dirty = this.#dirtyOf(handle.file)
    const waiting: Waiting = { write, isSynced: false }
    dirty.handles.push(handle)
    dirty.writes.push(waiting)
    const queue = this.#waiting.get(log)
    if (queue === undefined) this.#waiting.set(log, [waiting])
    else queue.push(waiting)
    for (const { length } of extents) dirty.bytes += length
    dirty.notedCount += 1
    this.#syncSoon(dirty)
  }

  /** A group is in the page cache. */
  noteGroup(group: CommittedGroup, file: RingFile, bytes: number): void {
    const dirty = this.#dirtyOf(file.file)
    dirty.bytes += bytes
    dirty.notedCount += 1
    this.#lastGroup = group.number
    this.#syncSoon(dirty)
    this.#timer ??= this.#parts.clock.after(this.#parts.flushIntervalMs, () => {
      this.#timer = undefined
      this.#parts.lifecycle.spawn('interval-flush', async () => this.flush())
    })
  }

  /** Syncs every file with rows of a log that wait for it; they leave before this resolves. */
  async syncWaiting(log: LogState): Promise<void> {
    for (;;) {
      const [first] = this.#waiting.get(log) ?? []
      if (first === undefined) return
      await this.#dirtyOf(first.write.handle.file).syncing.run()
    }
  }

  /** Syncs everything; the recovery point is then the last group before. */
  async flush(): Promise<void> {
    const { mark } = this.#parts
    const through = this.#lastGroup
    for (const dirty of [...this.#dirty.values()]) await dirty.syncing.run()
    const { answered, floor } = mark.state().rings.interval
    if (through > answered) mark.noteRing('interval', { answered: through, floor })
  }

  /** A journal file holds nothing that is needed any more. */
  forget(file: File): void {
    this.#dirty.delete(file)
  }

  /** Stops the timer. */
  close(): void {
    this.#timer?.cancel()
  }

  #dirtyOf(file: File): Dirty {
    let dirty = this.#dirty.get(file)
    if (dirty === undefined) {
      const fresh: Dirty = {
        file,
        syncing: new Coalescer(async () => this.#parts.guard(async () => this.#sync(fresh))),
        handles: [],
        writes: [],
        bytes: 0,
        notedCount: 0,
      }
      dirty = fresh
      this.#dirty.set(file, fresh)
    }
    return dirty
  }

  #syncSoon(dirty: Dirty): void {
    if (dirty.bytes < syncBytes) return
    dirty.bytes = 0
    this.#parts.lifecycle.spawn('interval-sync', async () => dirty.syncing.run())
  }

  async #sync(dirty: Dirty): Promise<void> {
    if (this.#dirty.get(dirty.file) !== dirty) return
    const { handles, writes, notedCount } = dirty
    dirty.handles = []
    dirty.writes = []
    dirty.bytes = 0
    await dirty.file.sync()
    for (const waiting of writes) waiting.isSynced = true
    for (const { write } of writes) this.#release(write.log)
    for (const handle of handles) this.#parts.files.release(handle)
    if (dirty.notedCount === notedCount) this.#dirty.delete(dirty.file)
  }

  /** The oldest rows of a log whose bytes are durable leave. */
  #release(log: LogState): void {
    const queue = this.#waiting.get(log)
    while (queue?.[0]?.isSynced === true) {
      const waiting = queue.shift()
      if (waiting !== undefined) this.#parts.isDurable(waiting.write)
    }
    if (queue?.length === 0) this.#waiting.delete(log)
  }
}
