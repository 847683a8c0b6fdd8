/**
 * Where one log's next bytes go: its open segment file and the next position in it. Rolls by size
 * to a file that is prepared in the background; a cut abandons the file, since what it cut off lies
 * there and no position is written twice.
 */
import { StorageFault } from '../ports/fault.ts'
import { Coalescer } from '../runtime/coalescer.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type CommitMark } from './commit-mark.ts'
import { type Guard } from './guard.ts'
import { type FlushMode } from './partition-log.ts'
import {
  segmentHeaderBytes,
  type SegmentFiles,
  type SegmentHandle,
  type SegmentOwner,
} from './segment-files.ts'

/** Room in a file, held until the write is done. */
export interface Reservation {
  readonly handle: SegmentHandle
  readonly position: number
}

interface Segment {
  readonly fileId: number
  position: number
  /** Greatest timestamp of what was written to it first. */
  firstMs: number | undefined
}

/** What room is wanted for. */
export interface Wanted {
  readonly bytes: number
  /** Greatest timestamp of it. */
  readonly newestMs: number
}

/** Whose bytes are written. */
export interface WrittenLog extends SegmentOwner {
  readonly flush: FlushMode
  readonly segmentBytes: number
  readonly segmentMs: number
  /** Greatest timestamp of the first bytes in a file of the log, if it is known. */
  readonly firstTimestampOf: (fileId: number) => number | undefined
}

/** What a writer works with. */
export interface SegmentWriterParts {
  readonly files: SegmentFiles
  readonly mark: CommitMark
  readonly lifecycle: Lifecycle
  readonly guard: Guard
  /** Called when a reservation that was refused may succeed. */
  readonly readyNow: () => void
}

/** The writing end of one log. */
export class SegmentWriter {
  readonly #log: WrittenLog
  readonly #parts: SegmentWriterParts
  readonly #preparing: Coalescer
  #reopen: number | undefined
  #current: Segment | undefined
  #next: Segment | undefined
  #wanted: Wanted = { bytes: 0, newestMs: -1 }
  #isSpawned = false
  #isUnbounded = false
  /** Counts cuts: what was being prepared before one must not be used after it. */
  #abandonCount = 0

  /** `reopen`: the file of the last segment, to go on with. */
  constructor(log: WrittenLog, reopen: number | undefined, parts: SegmentWriterParts) {
    this.#log = log
    this.#parts = parts
    this.#reopen = reopen
    this.#preparing = new Coalescer(async () => parts.guard(async () => this.#prepare()))
  }

  /** Takes room; undefined when no file is ready: prepare one, or go by the journal. */
  reserve(wanted: Wanted): Reservation | undefined {
    if (this.#current !== undefined && !this.#fits(this.#current, wanted)) {
      if (this.#next === undefined) return undefined
      this.#current = this.#next
      this.#next = undefined
    }
    const current = this.#current
    if (current === undefined) return undefined
    const handle = this.#parts.files.holdWriter(current.fileId)
    if (handle === undefined) return undefined
    const position = take(current, wanted)
    if (this.#next === undefined && current.position > this.#log.segmentBytes * 0.75)
      this.prepareSoon({ ...wanted, bytes: this.#log.segmentBytes })
    return { handle, position }
  }

  /** Takes room as soon as there is a file. */
  async reserveSoon(wanted: Wanted): Promise<Reservation> {
    for (;;) {
      const reservation = this.reserve(wanted)
      if (reservation !== undefined) return reservation
      this.#wanted = wanted
      await this.#preparing.run()
      const current = this.#current
      if (current === undefined || !this.#fits(current, wanted)) continue
      const handle = await this.#open(current.fileId)
      if (current === this.#current && this.#fits(current, wanted))
        return { handle, position: take(current, wanted) }
      this.#parts.files.release(handle)
    }
  }

  /** Prepares room in the background. */
  prepareSoon(wanted: Wanted): void {
    if (this.#isSpawned) return
    this.#isSpawned = true
    this.#parts.lifecycle.spawn('prepare-segment', async () => {
      this.#wanted = wanted
      try {
        await this.#preparing.run()
      } finally {
        this.#isSpawned = false
      }
      this.#parts.readyNow()
    })
  }

  /**
   * Goes on in the file of a direct write that is being replayed: what comes before and after it
   * lies there too, so that no file comes twice in a log. `atAnySize`: also beyond the size to roll at.
   */
  goOnIn(fileId: number, atAnySize: boolean): void {
    this.abandon()
    this.#reopen = fileId
    this.#isUnbounded = atAnySize
  }

  /** Goes on in a new file. */
  abandon(): void {
    this.#abandonCount += 1
    this.#current = undefined
    this.#next = undefined
    this.#reopen = undefined
  }

  #fits(segment: Segment, { bytes, newestMs }: Wanted): boolean {
    if (this.#isUnbounded || segment.position === segmentHeaderBytes) return true
    const { segmentBytes, segmentMs } = this.#log
    const isYoung = segment.firstMs === undefined || newestMs - segment.firstMs <= segmentMs
    return isYoung && segment.position + bytes <= segmentBytes
  }

  /** Makes `#current`, or else `#next`, an open file with room for what is wanted. */
  async #prepare(): Promise<void> {
    const { files, mark } = this.#parts
    if (this.#reopen !== undefined && (await this.#reopenLast(this.#reopen))) return
    const current = this.#current
    const isRoomy = current !== undefined && this.#fits(current, this.#wanted)
    const ready = isRoomy ? current : this.#next
    if (ready !== undefined) {
      files.release(await this.#open(ready.fileId))
      return
    }
    const abandonCount = this.#abandonCount
    const fileId = await mark.takeId('file')
    await files.create(fileId, this.#log, this.#log.flush === 'ack')
    if (abandonCount !== this.#abandonCount) return
    const segment = { fileId, position: segmentHeaderBytes, firstMs: undefined }
    if (this.#current === undefined) this.#current = segment
    else this.#next = segment
  }

  /** False when the file cannot be gone on with: it stays as it is, for readers. */
  async #reopenLast(fileId: number): Promise<boolean> {
    const abandonCount = this.#abandonCount
    this.#reopen = undefined
    try {
      const handle = await this.#open(fileId)
      const size = await handle.file.size()
      this.#parts.files.release(handle)
      if (abandonCount === this.#abandonCount)
        this.#current ??= {
          fileId,
          position: Math.max(size, segmentHeaderBytes),
          firstMs: this.#log.firstTimestampOf(fileId),
        }
      return true
    } catch (cause) {
      if (cause instanceof StorageFault && /^(corrupt|not-found)$/.test(cause.code)) return false
      throw cause
    }
  }

  async #open(fileId: number): Promise<SegmentHandle> {
    return this.#parts.files.acquireWriter(fileId, this.#log, this.#log.flush === 'ack')
  }
}

/** Takes the next bytes of a segment. */
function take(segment: Segment, { bytes, newestMs }: Wanted): number {
  const { position } = segment
  segment.position += bytes
  if (newestMs >= 0) segment.firstMs ??= newestMs
  return position
}
