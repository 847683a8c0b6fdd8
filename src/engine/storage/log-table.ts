/**
 * What the segment table holds of one log, as of the last planned table batch: its range, its tail
 * row and its segments. Planning a change returns the rows that make it; plans are made and written
 * in one order, so this is always what the next batch starts from.
 *
 * Invariants: only the last segment is unsealed; the extents of a log are gapless from its first
 * one to `end`; `start` is at or after the first one's first offset.
 */
import { assert } from '../../base/assert.ts'
import { offset as offsetOf, type Offset } from '../../base/id.ts'
import { type EpochEntry } from '../../core/record/epoch-history.ts'
import { type KeyValueEntry, type KeyValueOperation } from '../ports/key-value-store.ts'
import { decodeExtent, extentRow, type Extent } from './extent.ts'
import { extentKey, idKey, lastOffsetOf, segmentKey } from './keys.ts'
import { doomedRow, segmentRow, tailRow } from './rows.ts'
import { type Run } from './run.ts'

/** After so many extents the row of an unsealed segment says what they say together. */
const extentsSummed = 128

/** A segment with the sum of its extents. */
export interface TableSegment {
  readonly fileId: number
  /** First offset of the extents that are there. */
  base: Offset
  next: Offset
  extentCount: number
  bytes: number
  /** Greatest timestamp of its first extent. */
  firstTimestampMs: number
  maxTimestampMs: number
  /** First offset of the first extent with it. */
  maxTimestampAt: Offset
  epochs: EpochEntry[]
}

/** Neighbouring sealed segments that compaction rewrote as one file. */
export interface SegmentSwap {
  /** They must still be here, the very same ones, or nothing is done. */
  readonly replaced: readonly TableSegment[]
  /** Last offsets of their extents. */
  readonly removedLasts: readonly number[]
  /** Absent when they stay as they are. */
  readonly replacement: { readonly fileId: number; readonly extents: readonly Extent[] } | undefined
  /** With it everything below is compacted. */
  readonly cleanedTo: Offset | undefined
  /** Set when it is done. */
  isTaken: boolean
}

/** Rows to write and files that nothing names any more. */
export interface TablePlan {
  readonly operations: readonly KeyValueOperation[]
  readonly doomed: readonly number[]
}

/** The table's view of one log. */
export class LogTable {
  readonly logId: number
  start: Offset
  end: Offset
  extentCount = 0
  settledThrough = 0
  segments: TableSegment[] = []
  /** Everything below was compacted. */
  cleanedTo: Offset
  /** Extents of the last segment that its row sums up, as far as this process knows. */
  #summedCount = 0

  constructor(logId: number, start: Offset) {
    this.logId = logId
    this.start = start
    this.end = start
    this.cleanedTo = start
  }

  /** Adds extents at the end; a new file seals the segment before it. */
  planExtents(extents: readonly Extent[]): TablePlan {
    const operations: KeyValueOperation[] = []
    for (const extent of extents) {
      assert(extent.first === this.end, `extent at ${extent.first}, the table ends at ${this.end}`)
      operations.push(put(extentRow(this.logId, extent)))
      let segment = this.segments.at(-1)
      if (segment?.fileId !== extent.fileId) {
        if (segment !== undefined) operations.push(put(this.#sealedRow(segment)))
        segment = emptySegment(extent.fileId, extent.first)
        this.segments.push(segment)
        operations.push(put(this.#unsealedRow(segment)))
      }
      addToSegment(segment, extent)
      this.end = extent.next
      this.extentCount += 1
    }
    const last = this.segments.at(-1)
    if (last !== undefined && last.extentCount - this.#summedCount >= extentsSummed)
      operations.push(put(this.#unsealedRow(last)))
    return { operations, doomed: [] }
  }

  /** Empties the log; it goes on at `offset`. `rows` are all its extents. */
  planRestart(offset: Offset, rows: readonly KeyValueEntry[]): TablePlan {
    const doomed = this.segments.map((segment) => segment.fileId)
    const operations = [...rows.map(remove), ...doomed.flatMap((id) => this.#doom(id))]
    this.segments = []
    this.extentCount = 0
    this.start = offset
    this.end = offset
    this.cleanedTo = offset
    return { operations, doomed }
  }

  /** Puts what compaction wrote in the place of what it read, unless that has changed. */
  planSwap(swap: SegmentSwap): TablePlan {
    const { replaced, replacement, cleanedTo } = swap
    const [first] = replaced
    const at = first === undefined ? -1 : this.segments.indexOf(first)
    const isSame = replaced.every((segment, index) => this.segments[at + index] === segment)
    if (at < 0 || !isSame || at + replaced.length >= this.segments.length)
      return { operations: [], doomed: [] }
    swap.isTaken = true
    this.cleanedTo = cleanedTo ?? this.cleanedTo
    if (first === undefined || replacement === undefined) return { operations: [], doomed: [] }
    const { fileId, extents } = replacement
    const segment = emptySegment(fileId, first.base)
    for (const extent of extents) addToSegment(segment, extent)
    assert(segment.next === replaced.at(-1)?.next, 'compaction left out the end of a segment')
    const kept = new Set(extents.map(({ next }) => next - 1))
    const removed = swap.removedLasts.filter((last) => !kept.has(last))
    const doomed = replaced.map((each) => each.fileId)
    this.segments.splice(at, replaced.length, segment)
    this.extentCount += extents.length - swap.removedLasts.length
    const operations = [
      ...removed.map((last) => remove({ key: extentKey('extent', this.logId, last) })),
      ...extents.map((extent) => put(extentRow(this.logId, extent))),
      ...doomed.flatMap((id) => this.#doom(id)),
      put(this.#sealedRow(segment)),
      remove({ key: idKey('doomed', fileId) }),
    ]
    return { operations, doomed }
  }

  /**
   * Cuts the log at `offset`. `rows` are its extents from the base of the segment that holds the
   * offset on; `shortened` is what is left of the extent over the offset, if one is.
   */
  planTruncation(
    offset: Offset,
    rows: readonly KeyValueEntry[],
    shortened: Run | undefined,
  ): TablePlan {
    const operations: KeyValueOperation[] = []
    const kept = this.segments.filter((segment) => segment.base < offset)
    const doomed = this.segments.slice(kept.length).map((segment) => segment.fileId)
    for (const fileId of doomed) operations.push(...this.#doom(fileId))
    const last = kept.at(-1)
    const rebuilt = last === undefined ? undefined : emptySegment(last.fileId, last.base)
    for (const row of rows) {
      const extent = decodeExtent(row)
      if (extent !== undefined && extent.next <= offset) {
        if (rebuilt !== undefined) addToSegment(rebuilt, extent)
        continue
      }
      operations.push(remove(row))
      this.extentCount -= 1
      if (extent === undefined || extent.first >= offset || shortened === undefined) continue
      assert(shortened.first === extent.first, 'a truncation shortens another extent')
      const rest: Extent = { ...shortened, fileId: extent.fileId, position: extent.position }
      operations.push(put(extentRow(this.logId, rest)))
      this.extentCount += 1
      if (rebuilt !== undefined) addToSegment(rebuilt, rest)
    }
    this.segments = rebuilt === undefined ? [] : [...kept.slice(0, -1), rebuilt]
    if (rebuilt !== undefined) operations.push(put(this.#unsealedRow(rebuilt)))
    this.end = rebuilt?.next ?? offset
    if (this.cleanedTo > this.end) this.cleanedTo = this.end
    return { operations, doomed }
  }

  /** The log starts at `offset` from now on. */
  moveStart(offset: Offset): void {
    if (offset > this.start) this.start = offset
    if (offset > this.cleanedTo) this.cleanedTo = offset
  }

  /** How many segments lie wholly below the start; appends may still go to the last one, unless `mayDropLast`. */
  droppableCount(mayDropLast: boolean): number {
    const kept = this.segments.findIndex(({ next }) => next > this.start)
    const count = kept < 0 ? this.segments.length : kept
    return mayDropLast ? count : Math.min(count, this.segments.length - 1)
  }

  /**
   * Removes some of the oldest extents, all of segments that go: a step from one sound state of the
   * rows to another. `isLast`: there are no more, so the `count` oldest segments are empty now.
   */
  planDrop(
    rows: readonly KeyValueEntry[],
    { count, isLast }: { readonly count: number; readonly isLast: boolean },
  ): TablePlan {
    const operations = rows.map(remove)
    const doomed: number[] = []
    const doomFirst = (first: TableSegment): void => {
      this.extentCount -= first.extentCount
      this.segments.shift()
      doomed.push(first.fileId)
      operations.push(...this.#doom(first.fileId))
    }
    for (const row of rows) {
      const [first] = this.segments
      if (first === undefined) break
      first.extentCount -= 1
      first.bytes -= decodeExtent(row)?.length ?? 0
      first.base = offsetOf(lastOffsetOf(row.key) + 1)
      this.extentCount -= 1
      if (first.base >= first.next) doomFirst(first)
    }
    const left = isLast ? count - doomed.length : 0
    for (const first of this.segments.slice(0, left)) doomFirst(first)
    const [first] = this.segments
    if (!isLast && first !== undefined) {
      const isOnly = this.segments.length === 1
      operations.push(put(isOnly ? this.#unsealedRow(first) : this.#sealedRow(first)))
    }
    return { operations, doomed }
  }

  /** The tail row as the plans so far leave it. */
  tail(): KeyValueEntry {
    const { logId, start, end, extentCount, settledThrough, cleanedTo } = this
    return tailRow({ logId, start, end, extentCount, settledThrough, cleanedTo })
  }

  /** The last segment's base, or the log's start: truncations read rows from the segment over an offset on. */
  baseOver(offset: Offset): Offset {
    return this.segments.findLast((segment) => segment.base < offset)?.base ?? this.start
  }

  /** Which epoch starts where, of all that the table holds. */
  epochs(): readonly EpochEntry[] {
    return this.segments.flatMap((segment) => segment.epochs)
  }

  #doom(fileId: number): KeyValueOperation[] {
    return [{ type: 'delete', key: segmentKey(this.logId, fileId) }, put(doomedRow(fileId))]
  }

  #sealedRow(segment: TableSegment): KeyValueEntry {
    const { fileId, base } = segment
    return segmentRow({ logId: this.logId, fileId, base, sealed: segment })
  }

  #unsealedRow(segment: TableSegment): KeyValueEntry {
    const { logId } = this
    const { fileId, base, extentCount } = segment
    this.#summedCount = extentCount
    if (extentCount === 0) return segmentRow({ logId, fileId, base, sealed: undefined })
    return segmentRow({ logId, fileId, base, sealed: undefined, soFar: segment })
  }
}

/** A segment without extents. */
export function emptySegment(fileId: number, base: Offset): TableSegment {
  const noTime = { firstTimestampMs: -1, maxTimestampMs: -1, maxTimestampAt: base }
  return { fileId, base, next: base, extentCount: 0, bytes: 0, ...noTime, epochs: [] }
}

/** Counts an extent into its segment. */
export function addToSegment(segment: TableSegment, extent: Extent): void {
  segment.next = extent.next
  if (segment.extentCount === 0) segment.firstTimestampMs = extent.maxTimestampMs
  segment.extentCount += 1
  segment.bytes += extent.length
  if (extent.maxTimestampMs > segment.maxTimestampMs) {
    segment.maxTimestampMs = extent.maxTimestampMs
    segment.maxTimestampAt = extent.first
  }
  if (segment.epochs.at(-1)?.epoch !== extent.epoch)
    segment.epochs.push({ epoch: extent.epoch, startOffset: extent.first })
}

/** A put of a row. */
export function put(row: KeyValueEntry): KeyValueOperation {
  return { type: 'put', key: row.key, value: row.value }
}

/** A removal of a row. */
export function remove(row: { readonly key: Uint8Array }): KeyValueOperation {
  return { type: 'delete', key: row.key }
}
