/**
 * One log of an open directory: what is in memory, what is held by the journal, what lies in segment
 * files and what the table says. Purely synchronous; the group commit, the settler and the table
 * writer act on it, each in its place of the log's lane.
 *
 * From the start of the log to its end, without a gap:
 *
 *   start ──── table rows ──── tableEnd ── placed extents ── placedEnd ── held and in flight ── end
 *              (LevelDB)                   (rows follow)                   (memory and journal)
 *
 * Invariants:
 * - memory has everything from `placedEnd` on;
 * - at most one of: a settle, a cut, a direct write in flight;
 * - `durable` <= `end`, and everything below it would survive.
 */
import { assert } from '../../base/assert.ts'
import { offset, type Offset, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { EpochHistory } from '../../core/record/epoch-history.ts'
import { type KeyValueEntry } from '../ports/key-value-store.ts'
import { Bell } from '../runtime/bell.ts'
import { type Extent } from './extent.ts'
import { type JournalLife } from './journal-ring.ts'
import { addToSegment, emptySegment, type LogTable, type TableSegment } from './log-table.ts'
import {
  type FlushMode,
  type LogPolicy,
  type ProducersSnapshot,
  type SegmentView,
} from './partition-log.ts'
import { ProducersSnapshots } from './producers-snapshots.ts'
import { logRow, type LogRole, type LogRow, type UncleanReason } from './rows.ts'
import { runOf, type Run } from './run.ts'
import { type SegmentWriter } from './segment-writer.ts'
import { type ChunkPool, LogTail, type TailEntry } from './tail.ts'

/** An entry of the journal that no table batch reflects yet. */
export interface Held {
  readonly life: JournalLife
  readonly group: number
  /** Absent for a truncation or restart. */
  readonly entry: TailEntry | undefined
  /** Bytes of it that the journal holds, whatever was cut off since. */
  readonly bytes: number
}

/** What a log is made of. */
export interface LogParts {
  readonly logId: number
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly flush: FlushMode
  readonly segmentBytes: number
  readonly role: LogRole
  readonly copy: number
  readonly unclean: UncleanReason | undefined
  readonly table: LogTable
  readonly pool: ChunkPool
  readonly producers: readonly ProducersSnapshot[]
}

/** Offsets of an extent, or from a missing row on. */
export interface DamagedRange {
  readonly first: Offset
  readonly next: Offset
}

/** State of one log. */
export class LogState {
  readonly logId: number
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly table: LogTable
  readonly tail: LogTail
  /** Rings when appends in flight, a settle, a cut or a table batch ends. */
  readonly changed = new Bell()
  readonly epochs: EpochHistory
  readonly producers: ProducersSnapshots
  writer: SegmentWriter | undefined
  flush: FlushMode
  segmentBytes: number
  role: LogRole
  copy: number
  segmentMs = Infinity
  fileDeleteDelayMs = 0
  unclean: UncleanReason | undefined
  /** Quarantined: the disk does not have what was written there. Gone with the range itself, by a cut. */
  damaged: readonly DamagedRange[] = []
  start: Offset
  end: Offset
  durable: Offset
  /** Raised by everything that changes what lies at an offset. */
  generation = 0
  /** Raised by everything that changes where on disk it lies: cuts, and swaps by compaction. */
  layout = 0
  /** Rows of the table are good below this; the rest of the table waits for its truncation. */
  tableEnd: Offset
  placed: Extent[] = []
  placedEnd: Offset
  held: Held[] = []
  heldBytes = 0
  /** Appends not yet answered. */
  inFlightCount = 0
  /** Table works on their way. */
  tableWorkCount = 0
  isSettling = false
  isSettleQueued = false
  /** A truncation, restart, drop or change of mode waits or runs. */
  isCutting = false
  /** It runs: everything had come to rest before it, and nothing is settled in the background. */
  isActing = false
  /** The group that dropped it. */
  droppedBy: number | undefined

  constructor(parts: LogParts) {
    const { table } = parts
    this.logId = parts.logId
    this.topicId = parts.topicId
    this.partition = parts.partition
    this.flush = parts.flush
    this.segmentBytes = parts.segmentBytes
    this.role = parts.role
    this.copy = parts.copy
    this.unclean = parts.unclean
    this.table = table
    this.tail = new LogTail(parts.pool)
    this.epochs = new EpochHistory(table.epochs())
    this.producers = new ProducersSnapshots(parts.logId, parts.producers)
    this.start = table.start
    this.end = table.end
    this.durable = table.end
    this.tableEnd = table.end
    this.placedEnd = table.end
  }

  /** True while nothing of this log is on its way anywhere. */
  isQuiet(): boolean {
    return (
      this.inFlightCount === 0 &&
      this.tableWorkCount === 0 &&
      !this.isSettling &&
      this.placed.length === 0
    )
  }

  /** What its row says. */
  describe(): LogRow {
    const { logId, topicId, partition, flush, segmentBytes, role, copy, unclean, droppedBy } = this
    return { logId, topicId, partition, flush, segmentBytes, role, copy, unclean, droppedBy }
  }

  /** Its row. */
  row(): KeyValueEntry {
    return logRow(this.describe())
  }

  /** Takes over what can be changed at once; the flush mode cannot. */
  adopt(policy: LogPolicy): void {
    this.segmentBytes = policy.segmentBytes
    this.segmentMs = policy.segmentMs
    this.fileDeleteDelayMs = policy.fileDeleteDelayMs
  }

  /** Its segments, oldest first: what the table has, what follows it there, and what the journal holds. */
  segments(): readonly SegmentView[] {
    const sums = this.table.segments.filter(({ base }) => base < this.end).map(copyOf)
    for (const extent of this.placed) {
      const last = sums.at(-1)
      if (last !== undefined && extent.first < last.next) continue
      if (last?.fileId === extent.fileId) addToSegment(last, extent)
      else sums.push(segmentOf(extent))
    }
    for (const { entry } of this.held) {
      if (entry === undefined || entry.isGone) continue
      const active = sums.at(-1)
      const extent = { ...entry.run, fileId: active?.fileId ?? 0, position: 0 }
      if (active === undefined) sums.push(segmentOf(extent))
      else addToSegment(active, extent)
    }
    return sums.map((sum, index) =>
      viewOf(sum, { end: this.end, isActive: index === sums.length - 1 }),
    )
  }

  /** Greatest timestamp of the first bytes in one of its files. */
  firstTimestampOf(fileId: number): number | undefined {
    const segment = this.table.segments.find((each) => each.fileId === fileId)
    const placed = this.placed.find((each) => each.fileId === fileId)
    const firstMs = segment?.firstTimestampMs ?? placed?.maxTimestampMs ?? -1
    return firstMs < 0 ? undefined : firstMs
  }

  /** What is below `at` is not in the log any more. */
  moveStart(at: Offset): void {
    if (at <= this.start) return
    this.start = at
    this.epochs.truncateStart(at, this.end)
    this.#keepDamage(({ next }) => next > at)
  }

  /** Takes bytes in at the end. `mayHaveGaps`: they come from a log that was compacted. */
  append(bytes: Uint8Array, mayHaveGaps: boolean): TailEntry {
    const run = runOf([bytes], mayHaveGaps ? this.end : undefined)
    assert(run.first === this.end, `appended at ${run.first}, the log ends at ${this.end}`)
    return this.appendRun(run, bytes)
  }

  /** As `append`, for a run that was looked at before. */
  appendRun(run: Run, bytes: Uint8Array): TailEntry {
    this.epochs.assign(run.epoch, run.first)
    this.end = run.next
    return this.tail.push(run, bytes)
  }

  /** The journal holds an entry, durably. */
  hold(held: Held): void {
    this.held.push(held)
    this.heldBytes += held.bytes
  }

  /** Takes out all that the journal holds: it is being placed. */
  takeHeld(): readonly Held[] {
    const held = this.held
    this.held = []
    this.heldBytes = 0
    return held
  }

  /** Extents lie in their file; their rows follow. */
  place(extents: readonly Extent[]): void {
    for (const extent of extents) {
      assert(extent.first === this.placedEnd, `placed at ${extent.first}, not ${this.placedEnd}`)
      this.placed.push(extent)
      this.placedEnd = extent.next
    }
  }

  /** The rows of the oldest placed extents can be read. */
  rowsAreReadable(extents: readonly Extent[]): void {
    const last = extents.at(-1)
    if (last === undefined) return
    this.placed.splice(0, extents.length)
    this.tableEnd = last.next
  }

  /** The disk does not have what was written there. */
  foundDamage({ first, next }: DamagedRange): void {
    if (this.isDamagedAt(first)) return
    const after = this.damaged.findIndex((range) => range.first > first)
    const at = after < 0 ? this.damaged.length : after
    this.damaged = this.damaged.toSpliced(at, 0, { first, next })
  }

  /** Whether a known damage covers this offset. */
  isDamagedAt(at: Offset): boolean {
    return this.damaged.some(({ first, next }) => first <= at && at < next)
  }

  /** Where known damage starts. */
  damagedFrom(): Offset | undefined {
    const range = this.damaged.find(({ next }) => next > this.start)
    if (range === undefined) return undefined
    return range.first < this.start ? this.start : range.first
  }

  /** Drops what is at or after `end`, the start of a batch, from memory; rows follow. */
  cutTo(end: Offset): void {
    this.generation += 1
    this.layout += 1
    this.tail.cutTo(end, (entry) => {
      shorten(entry, end)
    })
    this.epochs.truncateTo(end)
    this.end = end
    this.durable = lesser(this.durable, end)
    this.tableEnd = lesser(this.tableEnd, end)
    this.placedEnd = lesser(this.placedEnd, end)
    this.#keepDamage(({ first }) => first < end)
  }

  /** Empties the log in memory; it goes on at `at`. */
  restartAt(at: Offset): void {
    this.cutTo(offset(0))
    this.start = at
    this.end = at
    this.durable = at
    this.tableEnd = at
    this.placedEnd = at
  }

  /** What was damaged may be gone. */
  #keepDamage(isKept: (range: DamagedRange) => boolean): void {
    if (this.damaged.length === 0) return
    this.damaged = this.damaged.filter(isKept)
    if (this.damaged.length === 0) this.unclean = undefined
  }
}

function copyOf(segment: TableSegment): TableSegment {
  return { ...segment, epochs: [...segment.epochs] }
}

function segmentOf(extent: Extent): TableSegment {
  const segment = emptySegment(extent.fileId, extent.first)
  addToSegment(segment, extent)
  return segment
}

function viewOf(
  sum: TableSegment,
  { end, isActive }: { readonly end: Offset; readonly isActive: boolean },
): SegmentView {
  const { base, next, bytes, firstTimestampMs, maxTimestampMs } = sum
  return {
    base,
    next: isActive ? end : lesser(next, end),
    bytes,
    firstTimestampMs,
    maxTimestampMs,
    isActive,
  }
}

function lesser(left: Offset, right: Offset): Offset {
  return left < right ? left : right
}

function shorten(entry: TailEntry, end: Offset): void {
  entry.bytes = entry.tail.before(entry, end)
  entry.run = runOf([entry.bytes], entry.run.first)
}
