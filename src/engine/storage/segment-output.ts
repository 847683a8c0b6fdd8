/**
 * The new file that compaction writes. Batches are gathered into runs of one leader epoch; each run
 * covers everything from the end of the one before it, so that the chain of extents stays gapless.
 * A row that dooms the file is durable before the file is there and goes with the swap of the rows:
 * after a crash at any moment it is either in use or removed.
 */
import { assert } from '../../base/assert.ts'
import { type Offset } from '../../base/id.ts'
import { leaderEpoch } from '../../core/record/batch-header.ts'
import { type CommitMark } from './commit-mark.ts'
import { type Extent } from './extent.ts'
import { type Guard } from './guard.ts'
import { put } from './log-table.ts'
import { extentBytesMax } from './placement.ts'
import { doomedRow } from './rows.ts'
import { runOf } from './run.ts'
import {
  segmentHeaderBytes,
  type SegmentFiles,
  type SegmentHandle,
  type SegmentOwner,
} from './segment-files.ts'
import { type SegmentTable } from './segment-table.ts'

/** What an output works with. */
export interface SegmentOutputParts {
  readonly files: SegmentFiles
  readonly table: SegmentTable
  readonly mark: CommitMark
  readonly guard: Guard
}

/** A segment file being written by compaction. */
export class SegmentOutput {
  readonly fileId: number
  readonly extents: Extent[] = []
  readonly #parts: SegmentOutputParts
  readonly #handle: SegmentHandle
  #covered: Offset
  #position = segmentHeaderBytes
  #batches: Uint8Array[] = []
  #bytes = 0

  private constructor(parts: SegmentOutputParts, handle: SegmentHandle, from: Offset) {
    this.#parts = parts
    this.#handle = handle
    this.fileId = handle.fileId
    this.#covered = from
  }

  /** Makes the file, of a log, for what lies from `from` on. */
  static async create(
    parts: SegmentOutputParts,
    owner: SegmentOwner,
    from: Offset,
  ): Promise<SegmentOutput> {
    const { files, table, mark, guard } = parts
    const fileId = await guard(async () => mark.takeId('file'))
    const operations = [put(doomedRow(fileId))]
    table.enqueue({ log: undefined, act: { type: 'rows', operations }, holds: [] })
    await table.flush()
    const handle = await guard(async () => {
      await files.create(fileId, owner, false)
      return files.acquireWriter(fileId, owner, false)
    })
    return new SegmentOutput(parts, handle, from)
  }

  /** Bytes written so far, the header of the file left out. */
  get length(): number {
    return this.#position - segmentHeaderBytes + this.#bytes
  }

  /** Adds a batch behind the others; the bytes of it that were written to disk meanwhile, mostly none. */
  async add(batch: Uint8Array): Promise<number> {
    const [first] = this.#batches
    const isOther = first !== undefined && leaderEpoch(first, 0) !== leaderEpoch(batch, 0)
    const isFull = this.#bytes + batch.length > extentBytesMax
    const written = isOther || isFull ? await this.#writeRun() : 0
    this.#batches.push(batch)
    this.#bytes += batch.length
    return written
  }

  /** Writes and syncs all of it; it covers everything up to the returned offset. */
  async finish(): Promise<Offset> {
    await this.#writeRun()
    await this.#parts.guard(async () => this.#handle.file.sync())
    return this.#covered
  }

  /** Gives the file back; it is read by others from now on, or removed. */
  release(): void {
    this.#parts.files.release(this.#handle)
  }

  async #writeRun(): Promise<number> {
    const batches = this.#batches
    if (batches.length === 0) return 0
    const run = runOf(batches, this.#covered)
    assert(run.first === this.#covered, 'compaction left out a part of the log')
    this.#batches = []
    this.#bytes = 0
    const position = this.#position
    this.#position += run.length
    await this.#parts.guard(async () => this.#handle.file.write(position, batches))
    this.extents.push({ ...run, fileId: this.fileId, position })
    this.#covered = run.next
    return run.length
  }
}
