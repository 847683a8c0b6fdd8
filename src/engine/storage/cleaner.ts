/**
 * Compacts the sealed segments of one log: notes the newest offset of each key in the dirty stretch,
 * then writes what survives of neighbouring segments to a new file each, syncs it, and swaps the rows
 * in one synced table batch. Old files go when nobody reads them any more.
 *
 * A crash at any step leaves either the old rows or the new ones; a file that was not finished is
 * named by a row that dooms it. Groups are swapped oldest first, so that the older values of a key
 * are gone before its tombstone may be. `cleanedTo` moves with the last swap alone: after a crash in
 * between, compaction starts over and finds less to do.
 *
 * Invariants: the active segment is never touched; a swap counts only if all of its segments are
 * still what they were; what is rewritten was proven by its CRC first.
 */
import { type Offset } from '../../base/id.ts'
import { MalformedBytesError } from '../../base/bytes.ts'
import {
  batchHeaderBytes,
  compression,
  forEachBatch,
  nextOffset,
} from '../../core/record/batch-header.ts'
import {
  mustKeepHeader,
  noteKeys,
  sealEmpty,
  sealThinned,
  thinBatch,
  type BatchEnds,
  type InflatedBatch,
  type SurvivalRules,
} from '../../core/replica/compaction.ts'
import { KeyOffsets } from '../../core/replica/compaction-keys.ts'
import { groupSegments } from '../../core/replica/compaction-plan.ts'
import { type Clock } from '../ports/clock.ts'
import { StorageFault } from '../ports/fault.ts'
import { Turns } from '../runtime/turns.ts'
import { type CompactionResult, type CompactionTask } from './compaction-task.ts'
import { type Extent } from './extent.ts'
import { nameOf, type LogReader } from './log-reader.ts'
import { type LogState } from './log-state.ts'
import { type SegmentSwap, type TableSegment } from './log-table.ts'
import { SegmentOutput, type SegmentOutputParts } from './segment-output.ts'

const extentsPerScan = 256
/** A batch that inflates to more stays as it is: it was not taken from a producer under any setting. */
const inflatedBytesMax = 128 * 1024 * 1024

/** What compaction works with. */
export interface CleanerParts extends SegmentOutputParts {
  readonly reader: LogReader
  readonly clock: Clock
  /** Throws when nothing may be written. */
  readonly assertWritable: () => void
  /** Removes files, and the rows that doom them. */
  readonly removeFiles: (fileIds: readonly number[]) => Promise<void>
}

/** Compacts logs, one at a time. */
export class Cleaner {
  readonly #parts: CleanerParts

  constructor(parts: CleanerParts) {
    this.#parts = parts
  }

  /**
   * Compacts a log as planned. Rejects with `StorageFault`: `closed` when it was aborted or the log
   * was cut meanwhile, `corrupt` when what is there cannot be read; the log is as good as before then.
   */
  async clean(log: LogState, task: CompactionTask): Promise<CompactionResult> {
    const cleaning = new Cleaning(this.#parts, log, task)
    return cleaning.run()
  }
}

interface Group {
  readonly segments: readonly TableSegment[]
  readonly base: Offset
  readonly next: Offset
}

/** One compaction of one log. */
class Cleaning {
  readonly #parts: CleanerParts
  readonly #log: LogState
  readonly #task: CompactionTask
  readonly #turns: Turns
  readonly #keys: KeyOffsets
  readonly #epochStarts: ReadonlySet<Offset>

  constructor(parts: CleanerParts, log: LogState, task: CompactionTask) {
    this.#parts = parts
    this.#log = log
    this.#task = task
    this.#turns = new Turns(parts.clock)
    this.#keys = new KeyOffsets({ bytesMax: task.keysBytesMax, seed: task.seed })
    this.#epochStarts = new Set(log.epochs.entries().map(({ startOffset }) => startOffset))
  }

  async run(): Promise<CompactionResult> {
    const { from, upTo, segmentBytes } = this.#task
    const sealed = this.#log.table.segments.slice(0, -1).filter(({ next }) => next <= upTo)
    const last = sealed.at(-1)
    if (last === undefined) return { cleanedTo: from, bytesBefore: 0, bytesAfter: 0 }
    const noted = await this.#noteKeys(sealed, from)
    const rewritten = sealed.filter(({ base }) => base < noted)
    const groups = groupSegments(rewritten, { upTo: last.next, segmentBytes })
    let bytesAfter = 0
    for (const [index, segments] of groups.entries()) {
      const isLast = index === groups.length - 1
      bytesAfter += await this.#rewrite(segments, noted, isLast ? noted : undefined)
    }
    const bytesBefore = rewritten.reduce((sum, { bytes }) => sum + bytes, 0)
    return { cleanedTo: noted, bytesBefore, bytesAfter }
  }

  /** Fills the keys; returns how far they had room. */
  async #noteKeys(sealed: readonly TableSegment[], from: Offset): Promise<Offset> {
    let noted = from
    for (const segment of sealed) {
      if (segment.next <= from) continue
      for await (const batch of this.#batchesOf(segment.base, segment.next)) {
        if (nextOffset(batch, 0) <= from) continue
        const full = await this.#whenReadable(batch, (inflated) => noteKeys(inflated, this.#keys))
        if (full !== undefined) return full
      }
      noted = segment.next
    }
    return noted
  }

  /** Writes what survives of neighbours to one file and swaps it in; returns its bytes. */
  async #rewrite(
    segments: readonly TableSegment[],
    upTo: Offset,
    cleanedTo: Offset | undefined,
  ): Promise<number> {
    const [first] = segments
    const last = segments.at(-1)
    if (first === undefined || last === undefined) return 0
    const group: Group = { segments, base: first.base, next: last.next }
    const output = await SegmentOutput.create(this.#parts, this.#log, group.base)
    let isInUse = false
    try {
      const hasChanged = await this.#copy(group, upTo, output)
      await output.finish()
      const isWorth = hasChanged || segments.length > 1
      const replacement = isWorth ? output : undefined
      await this.#swap({ replaced: segments, replacement, cleanedTo })
      isInUse = isWorth
      return output.length
    } finally {
      output.release()
      if (!isInUse) await this.#discard(output)
    }
  }

  /** False when every batch stayed as it was. */
  async #copy(group: Group, upTo: Offset, output: SegmentOutput): Promise<boolean> {
    const { nowMs, deleteRetentionMs, producerEnd, throttle, signal } = this.#task
    const rules: SurvivalRules = { keys: this.#keys, upTo, nowMs, deleteRetentionMs }
    const ends: BatchEnds = {
      next: group.next,
      isEpochStart: (offset) => this.#epochStarts.has(offset),
      producerEnd,
    }
    let hasChanged = false
    for await (const batch of this.#batchesOf(group.base, group.next)) {
      const left = await this.#leftOf(batch, rules, ends)
      hasChanged ||= left !== batch
      if (left === undefined) continue
      const written = await output.add(left)
      if (written > 0) await throttle.take(written, signal)
    }
    return hasChanged
  }

  /** A batch as it is after compaction; undefined when it is gone. */
  async #leftOf(
    batch: Uint8Array,
    rules: SurvivalRules,
    ends: BatchEnds,
  ): Promise<Uint8Array | undefined> {
    const thinned = await this.#whenReadable(batch, (inflated) => thinBatch(inflated, rules))
    if (thinned === undefined || thinned.type === 'whole') return batch
    if (thinned.type === 'empty') {
      if (!mustKeepHeader(batch, ends)) return undefined
      return batch.length === batchHeaderBytes ? batch : sealEmpty(batch)
    }
    const { compressor } = this.#task
    const packed = await compressor.compress(compression(batch, 0), thinned.records)
    return sealThinned(batch, thinned, packed)
  }

  /** Walks the records of a batch; undefined when they are none, whatever its producer meant. */
  async #whenReadable<T>(
    batch: Uint8Array,
    walk: (inflated: InflatedBatch) => Generator<undefined, T>,
  ): Promise<T | undefined> {
    const packed = batch.subarray(batchHeaderBytes)
    const codec = compression(batch, 0)
    try {
      const records =
        codec === 'none'
          ? packed
          : await this.#task.compressor.decompress(codec, packed, inflatedBytesMax)
      return await this.#turns.walk(walk({ batch, records }))
    } catch (cause) {
      if (cause instanceof MalformedBytesError) return undefined
      if (cause instanceof StorageFault && /^(corrupt|too-large)$/.test(cause.code))
        return undefined
      throw cause
    }
  }

  /** The batches between two offsets, proven, each in memory of its own reading. */
  async *#batchesOf(from: Offset, to: Offset): AsyncGenerator<Uint8Array, void> {
    const { throttle, signal } = this.#task
    for await (const extent of this.#extentsOf(from, to)) {
      await throttle.take(extent.length, signal)
      this.#assertGoesOn()
      const bytes = await this.#parts.reader.bytesOfExtent(this.#log, extent, true)
      const batches: Uint8Array[] = []
      forEachBatch(bytes, (at, length) => {
        batches.push(bytes.subarray(at, at + length))
      })
      for (const batch of batches) {
        yield batch
        await this.#turns.pause()
      }
    }
  }

  async *#extentsOf(from: Offset, to: Offset): AsyncGenerator<Extent, void> {
    const { table } = this.#parts
    for (let at = from; at < to;) {
      const extents = await table.extentsAt(this.#log.logId, at, extentsPerScan)
      const last = extents.at(-1)
      if (last === undefined) throw this.#isOver('has no row where there was one')
      for (const extent of extents) if (extent.next <= to) yield extent
      at = last.next
    }
  }

  async #swap(swap: Omit<SegmentSwap, 'removedLasts' | 'isTaken'>): Promise<void> {
    const { replaced } = swap
    const [first] = replaced
    const last = replaced.at(-1)
    if (first === undefined || last === undefined) return
    const removed: number[] = []
    if (swap.replacement !== undefined)
      for await (const { next } of this.#extentsOf(first.base, last.next)) removed.push(next - 1)
    this.#assertGoesOn()
    const taken: SegmentSwap = { ...swap, removedLasts: removed, isTaken: false }
    const { table } = this.#parts
    table.enqueue({ log: this.#log, act: { type: 'swap', swap: taken }, holds: [] })
    await table.flush()
    if (!taken.isTaken) throw this.#isOver('was cut meanwhile')
  }

  async #discard({ fileId }: SegmentOutput): Promise<void> {
    try {
      this.#parts.assertWritable()
      await this.#parts.removeFiles([fileId])
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause // its row dooms it: the next open removes it
    }
  }

  #assertGoesOn(): void {
    this.#parts.assertWritable()
    if (this.#task.signal.aborted) throw this.#isOver('is compacted another time')
    if (this.#log.droppedBy !== undefined) throw this.#isOver('was dropped')
  }

  #isOver(why: string): StorageFault {
    return new StorageFault('closed', `${nameOf(this.#log)} ${why}`)
  }
}
