/**
 * What can be done with one log of an open directory. Appends and reads go straight on; whatever
 * cuts the log or changes its mode first lets everything on its way come to rest, then changes
 * memory at once, then the journal, then the table. Appends that come during a cut wait; those that
 * come during a change of mode, which takes nothing away, are in the log at once and are committed
 * under the new mode.
 */
import { assert } from '../../base/assert.ts'
import { offset as offsetOf, type Offset } from '../../base/id.ts'
import { type EpochHistory } from '../../core/record/epoch-history.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Cleaner } from './cleaner.ts'
import { type CommitMark } from './commit-mark.ts'
import { type CompactionResult, type CompactionTask } from './compaction-task.ts'
import { type CutEntry, type GroupCommit } from './group-commit.ts'
import { nameOf, type LogReader } from './log-reader.ts'
import { type JournalLife } from './journal-ring.ts'
import { type LogState } from './log-state.ts'
import { put, remove } from './log-table.ts'
import { batchAtTime, greatestTimestampMs } from './log-times.ts'
import {
  type FlushMode,
  type GreatestQuery,
  type LogPolicy,
  type LogQuery,
  type LogRead,
  type MarkedEnd,
  type OpenedLog,
  type ProducersSnapshot,
  type SegmentView,
  type TimeQuery,
} from './partition-log.ts'
import { idKey } from './keys.ts'
import { cutRun, runOf, type Run } from './run.ts'
import { type SegmentTable } from './segment-table.ts'
import { type Settler } from './settler.ts'
import { type TailEntry } from './tail.ts'

/** The parts of its directory that a log works with. */
export interface OpenLogParts {
  readonly commitOf: (mode: FlushMode) => Promise<GroupCommit>
  readonly table: SegmentTable
  readonly settler: Settler
  readonly reader: LogReader
  readonly cleaner: Cleaner
  readonly mark: CommitMark
  readonly markEachGroup: boolean
  readonly isWritable: () => boolean
  /** Throws when nothing may be written now. */
  readonly assertWritable: () => void
  /** Throws when nothing may be appended now. */
  readonly assertAppendable: () => void
}

/** An append that is in the log and waits for the group commit of the new mode. */
interface Deferred {
  readonly entry: TailEntry
  readonly resolve: (end: Promise<Offset>) => void
  readonly reject: (cause: unknown) => void
}

/** One log of an open directory. */
export class OpenLog implements OpenedLog {
  readonly state: LogState
  readonly #parts: OpenLogParts
  #commit: GroupCommit
  #cutting: Promise<void> | undefined
  /** Truncations, restarts and drops that wait or run. */
  #cutCount = 0
  #deferred: Deferred[] = []

  constructor(state: LogState, commit: GroupCommit, parts: OpenLogParts) {
    this.state = state
    this.#commit = commit
    this.#parts = parts
  }

  /** Offset of the first record. */
  startOffset(): Offset {
    return this.state.start
  }

  /** Offset after the last record, appends in flight included. */
  endOffset(): Offset {
    return this.state.end
  }

  /** Offset after the last record that would survive. */
  durableOffset(): Offset {
    return this.state.durable
  }

  /** Where known damage starts. */
  damagedFrom(): Offset | undefined {
    return this.state.damagedFrom()
  }

  /** Epochs of what is in the log. */
  epochs(): EpochHistory {
    return this.state.epochs
  }

  /** The commit mark, where every group is marked. */
  markedEnd(): MarkedEnd | undefined {
    return this.#parts.markEachGroup ? this.#parts.mark.state().end : undefined
  }

  /** Appends at the end. */
  async append(bytes: Uint8Array, mayHaveGaps = false): Promise<Offset> {
    this.#parts.assertAppendable()
    if (this.#cutCount > 0) return this.#appendLater(bytes, mayHaveGaps)
    const entry = this.state.append(bytes, mayHaveGaps)
    if (!this.state.isCutting) return this.#commit.append(this.state, entry)
    return new Promise((resolve, reject) => {
      this.#deferred.push({ entry, resolve, reject })
    })
  }

  /** Reads from memory or disk. */
  read(query: LogQuery): LogRead | Promise<LogRead> {
    return this.#parts.reader.read(this.state, query)
  }

  /** The first batch that claims a time. */
  async batchAtTime(query: TimeQuery): Promise<Uint8Array | undefined> {
    return batchAtTime(this.#parts, this.state, query)
  }

  /** The greatest time that is claimed. */
  async greatestTimestampMs(query: GreatestQuery): Promise<number> {
    return greatestTimestampMs(this.#parts, this.state, query)
  }

  /** The newest snapshot of its producers. */
  producersSnapshot(): ProducersSnapshot | undefined {
    return this.state.producers.newest(this.state)
  }

  /** Keeps a snapshot of its producers; one that cannot be written is none. */
  saveProducers(snapshot: ProducersSnapshot): void {
    const { state } = this
    if (!this.#parts.isWritable() || state.droppedBy !== undefined) return
    state.producers.offer(snapshot)
    // Else it goes with the extents that reach it.
    if (snapshot.endOffset <= state.table.end)
      this.#parts.table.enqueue({ log: state, act: { type: 'extents', extents: [] }, holds: [] })
  }

  /** Everything below was compacted. */
  cleanedTo(): Offset {
    return this.state.table.cleanedTo
  }

  /** Compacts sealed segments. */
  async compact(task: CompactionTask): Promise<CompactionResult> {
    this.#parts.assertWritable()
    return this.#parts.cleaner.clean(this.state, task)
  }

  /** Cuts the end off. */
  async truncateTo(offset: Offset): Promise<void> {
    await this.#cut(async () => this.#truncate(offset))
  }

  /** Empties the log. */
  async restartAt(offset: Offset): Promise<void> {
    await this.#cut(async () => this.#restart(offset))
  }

  /** What it consists of. */
  segments(): readonly SegmentView[] {
    return this.state.segments()
  }

  /** What is below the offset is not in the log any more. */
  async startAt(offset: Offset): Promise<void> {
    const { state } = this
    assert(offset <= state.end, `a start at ${offset} in a log that ends at ${state.end}`)
    while (state.isCutting) await state.changed.wait()
    this.#parts.assertWritable()
    if (offset > state.end)
      throw new StorageFault('closed', `${nameOf(state)} was cut before its start moved`)
    if (offset >= state.end && state.segments().length > 0)
      await this.#alone(async () => this.#dropAllBelow(offset))
    else if (offset > state.start) await this.#commit.cut(state, { kind: 'start', offset })
    else if (state.table.droppableCount(false) > 0) this.#dropBelowStart()
  }

  /** Runs it by another policy. */
  async configure(policy: LogPolicy): Promise<void> {
    this.state.adopt(policy)
    if (this.state.flush === policy.flush && this.#cutting === undefined) return
    await this.#alone(async () => this.#changeFlush(policy.flush))
  }

  /** Drops the log; that is durable when this resolves, rows and files follow. */
  async drop(): Promise<void> {
    await this.#cut(async () => this.#drop())
  }

  /** As `#alone`, with appends waiting. */
  async #cut(act: () => Promise<void>): Promise<void> {
    this.#cutCount += 1
    try {
      await this.#alone(act)
    } finally {
      this.#cutCount -= 1
      this.state.changed.ring()
    }
  }

  /** Runs after everything of the log has come to rest. */
  async #alone(act: () => Promise<void>): Promise<void> {
    this.#parts.assertWritable()
    const before = this.#cutting
    const cutting = this.#afterAll(before, act)
    this.#cutting = cutting
    await cutting
  }

  async #afterAll(before: Promise<void> | undefined, act: () => Promise<void>): Promise<void> {
    const { state } = this
    state.isCutting = true
    try {
      if (before !== undefined) await before.catch(() => undefined)
      state.isCutting = true
      // Asked again in the turn that goes on: a settle may have begun between the two.
      do await this.#rest()
      while (!state.isQuiet())
      state.isActing = true
      await act()
    } finally {
      state.isActing = false
      state.isCutting = false
      this.#submitDeferred()
      this.#parts.settler.settleSoon(state)
      state.changed.ring()
    }
  }

  /** What was appended during a change of mode is committed, in order. */
  #submitDeferred(): void {
    const deferred = this.#deferred
    this.#deferred = []
    for (const { entry, resolve, reject } of deferred) {
      try {
        this.#parts.assertWritable()
        resolve(this.#commit.append(this.state, entry))
      } catch (cause) {
        reject(cause)
      }
    }
  }

  async #rest(): Promise<void> {
    const { state } = this
    while (!state.isQuiet()) {
      this.#parts.assertWritable()
      if (state.inFlightCount > 0 || state.isSettling) await state.changed.wait()
      else await this.#parts.settler.publish(state)
    }
    this.#parts.assertWritable()
  }

  async #appendLater(bytes: Uint8Array, mayHaveGaps: boolean): Promise<Offset> {
    const { generation } = this.state
    while (this.#cutCount > 0) await this.state.changed.wait()
    this.#parts.assertWritable()
    if (generation !== this.state.generation)
      throw new StorageFault('closed', `${nameOf(this.state)} was cut before the append`)
    return this.append(bytes, mayHaveGaps)
  }

  async #truncate(wanted: Offset): Promise<void> {
    const { state } = this
    if (wanted >= state.end) return
    if (wanted <= state.start) {
      await this.#restart(state.start)
      return
    }
    const { boundary, shortened } = await this.#boundaryOf(wanted)
    if (boundary <= state.start) {
      await this.#restart(state.start)
      return
    }
    if (this.#parts.markEachGroup) await this.#lowerMark(boundary)
    state.cutTo(boundary)
    const { number } = await this.#commit.cut(state, { kind: 'truncate', offset: boundary })
    this.#truncateTable(boundary, shortened, number)
  }

  #truncateTable(boundary: Offset, shortened: Run | undefined, group: number): void {
    const { state } = this
    state.writer?.abandon()
    if (boundary >= state.table.end) {
      this.#parts.settler.settleSoon(state)
      return
    }
    this.#parts.table.enqueue({
      log: state,
      act: { type: 'truncate', offset: boundary, shortened },
      settledThrough: group,
      alongside: [put(state.row())], // what was damaged may be gone with it
      holds: this.#takeHeld(),
    })
  }

  /** The journal says that the start was moved. */
  replayStart(offset: Offset, life: JournalLife): void {
    life.ring.hold(life, this.state.logId)
    this.state.moveStart(offset)
    this.#dropBelowStart([life])
  }

  /** What was to follow the start is lost: the log goes on there, empty. */
  restartAtStart(group: number): void {
    this.#restartTable(this.state.start, group)
  }

  /** The journal says that the log was cut: as when it was, but for the journal entry. */
  async replay(cut: CutEntry, group: number): Promise<void> {
    const { state } = this
    await this.#parts.table.flush()
    if (cut.kind === 'drop') this.#dropTable(group)
    else if (cut.kind === 'restart') this.#restartTable(cut.offset, group)
    else {
      const isWhole = cut.offset >= state.end
      const { shortened } = isWhole ? { shortened: undefined } : await this.#boundaryOf(cut.offset)
      state.cutTo(cut.offset)
      this.#truncateTable(cut.offset, shortened, group)
    }
  }

  /** The start of the batch over an offset, and what is left of the extent over it. */
  async #boundaryOf(
    offset: Offset,
  ): Promise<{ readonly boundary: Offset; readonly shortened: Run | undefined }> {
    const { state } = this
    const entry = state.tail.find(offset)
    const isInTable = offset < state.table.end
    const [extent] = isInTable
      ? await this.#parts.table.extentsAt(state.logId, offset, 1)
      : [undefined]
    // Nothing of it stays, so it need not be readable: this is how a damaged extent is cut off.
    if (extent?.first === offset) return { boundary: offset, shortened: undefined }
    if (extent !== undefined) {
      const bytes = await this.#parts.reader.bytesOfExtent(state, extent, false)
      const before = cutRun(bytes, extent.first, {
        upTo: offset,
        bytesMax: Infinity,
        atLeastOne: true,
      })
      return before === undefined
        ? { boundary: extent.first, shortened: undefined }
        : { boundary: before.next, shortened: runOf([before.slice], extent.first) }
    }
    if (entry === undefined)
      throw new StorageFault('corrupt', `no row for offset ${offset} of ${nameOf(state)}`)
    const before = entry.tail.before(entry, offset)
    return {
      boundary: before.length === 0 ? entry.run.first : runOf([before], entry.run.first).next,
      shortened: undefined,
    }
  }

  /** A mark never says more than the log will have; a log that is short of its mark already keeps it. */
  async #lowerMark(boundary: Offset): Promise<void> {
    const { mark } = this.#parts
    const { state } = this
    const marked = mark.state().end
    const epoch = state.epochs.epochAt(offsetOf(Math.max(0, boundary - 1)))
    if (marked === undefined || marked.endOffset <= boundary || isShortOf(state, marked)) return
    mark.noteEnd(
      epoch === undefined || boundary <= state.start ? undefined : { epoch, endOffset: boundary },
    )
    await mark.writeBoth()
  }

  async #restart(offset: Offset): Promise<void> {
    const { state } = this
    if (this.#parts.markEachGroup) await this.#lowerMark(state.start)
    state.restartAt(offset)
    const { number } = await this.#commit.cut(state, { kind: 'restart', offset })
    this.#restartTable(offset, number)
  }

  #restartTable(offset: Offset, group: number): void {
    const { state } = this
    state.restartAt(offset)
    state.writer?.abandon()
    this.#parts.table.enqueue({
      log: state,
      act: { type: 'restart', offset },
      settledThrough: group,
      alongside: [put(state.row())],
      holds: this.#takeHeld(),
    })
  }

  async #drop(): Promise<void> {
    const { number } = await this.#commit.cut(this.state, { kind: 'drop' })
    this.#dropTable(number)
  }

  #dropTable(group: number): void {
    const { state } = this
    state.restartAt(offsetOf(0))
    state.droppedBy = group
    this.#parts.table.enqueue({
      log: state,
      act: { type: 'restart', offset: offsetOf(0) },
      alongside: [
        remove({ key: idKey('tail', state.logId) }),
        put(state.row()),
        ...state.producers.clear(),
      ],
      holds: this.#takeHeld(),
    })
  }

  #takeHeld(): readonly JournalLife[] {
    const held = this.state.takeHeld()
    this.#parts.settler.forget(held)
    return held.map(({ life }) => life)
  }

  /** What is appended from now on goes to a new file, so the one before need not stay. */
  async #dropAllBelow(offset: Offset): Promise<void> {
    const { state } = this
    await this.#parts.settler.settle(state)
    await this.#rest()
    if (offset > state.end) return
    state.writer?.abandon()
    await this.#commit.cut(state, { kind: 'start', offset })
  }

  /** Drops what a start that is known already leaves behind. */
  #dropBelowStart(holds: readonly JournalLife[] = []): void {
    const { state } = this
    const act = { type: 'start' as const, offset: state.start, mayDropLast: false }
    this.#parts.table.enqueue({ log: state, act, holds })
  }

  async #changeFlush(mode: FlushMode): Promise<void> {
    const { state } = this
    if (state.flush === mode) return
    await this.#parts.settler.settle(state)
    await this.#rest()
    const commit = await this.#parts.commitOf(mode)
    state.writer?.abandon()
    state.flush = mode
    this.#commit = commit
    this.#parts.table.enqueue({
      log: state,
      act: { type: 'extents', extents: [] },
      settledThrough: commit.ring.lastGroup(),
      alongside: [put(state.row())],
      holds: [],
    })
    await this.#parts.table.flush()
  }
}

/** True when a metadata log does not reach what its mark says was answered. */
function isShortOf(state: LogState, marked: MarkedEnd): boolean {
  const last = state.epochs.lastEpoch()
  if (last === undefined || last < marked.epoch) return true
  return last === marked.epoch && state.end < marked.endOffset
}
