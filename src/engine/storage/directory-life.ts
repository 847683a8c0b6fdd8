/**
 * One life of an open log directory, from recovery to its close or first failed write. It wires the
 * parts: the group commits, the settler, the table, the mark and the logs. After any failed write
 * nothing is written any more: what was in flight is answered as unknown, reads go on up to what was
 * durable.
 */
import { present } from '../../base/assert.ts'
import { offset, type DirectoryId, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type Clock } from '../ports/clock.ts'
import { StorageFault } from '../ports/fault.ts'
import { type KeyValueStore } from '../ports/key-value-store.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { Gate, mapBounded } from '../runtime/gate.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { Cleaner } from './cleaner.ts'
import { type CommitMark } from './commit-mark.ts'
import { type Guard } from './guard.ts'
import { GroupCommit } from './group-commit.ts'
import { IntervalFlush } from './interval-flush.ts'
import { JournalRing, type RecoveredRing } from './journal-ring.ts'
import { type CreateLog, type OpenLogDirectory } from './directory-options.ts'
import { LogReader, nameOf } from './log-reader.ts'
import { LogRows } from './log-rows.ts'
import { LogState } from './log-state.ts'
import { LogTable, put } from './log-table.ts'
import { OpenLog } from './open-log.ts'
import { type FlushMode } from './partition-log.ts'
import { type TableLog } from './read-table.ts'
import { Quarantine } from './quarantine.ts'
import { logRow, newLogRow, type ScrubCursor } from './rows.ts'
import { Scrubber } from './scrubber.ts'
import { type SegmentFiles } from './segment-files.ts'
import { SegmentTable, type DoomedFile, type TableWork } from './segment-table.ts'
import { SegmentRemoval } from './segment-removal.ts'
import { SegmentWriter } from './segment-writer.ts'
import { Settler } from './settler.ts'
import { ChunkPool, TailCache } from './tail.ts'

const readsAtOnce = 8
const readsWaitingMax = 10_000
const settlesAtOnce = 8

/** Why a life ended before its time. */
export interface LifeFailure {
  readonly cause: unknown
  readonly isNoSpace: boolean
}

/** What recovery hands to a life. */
export interface LifeParts {
  readonly directoryId: DirectoryId
  readonly options: OpenLogDirectory
  readonly lifecycle: Lifecycle
  readonly guard: Guard
  readonly mark: CommitMark
  readonly store: KeyValueStore
  readonly files: SegmentFiles
  readonly lastTableNumber: number
  readonly denseFrom: number
  /** The table remembers that whole logs may be missing. */
  readonly mayMissLogs: boolean
  /** Called once, when nothing is written any more. */
  readonly failed: (failure: LifeFailure) => void
  /** Called with the bytes of each finished write. */
  readonly wrote: (bytes: number) => void
}

/** The running parts of a directory. */
export class DirectoryLife {
  readonly table: SegmentTable
  readonly settler: Settler
  readonly rows: LogRows
  readonly logs = new Map<number, OpenLog>()
  readonly #parts: LifeParts
  readonly #byName = new Map<string, OpenLog>()
  readonly #creating = new Map<string, Promise<OpenLog>>()
  readonly #commits = new Map<FlushMode, GroupCommit>()
  readonly #openingCommits = new Map<FlushMode, Promise<GroupCommit>>()
  readonly #interval: IntervalFlush
  readonly #reader: LogReader
  readonly #cleaner: Cleaner
  readonly #pool = new ChunkPool()
  readonly #cache: TailCache
  readonly #scrubber: Scrubber
  readonly #removal: SegmentRemoval
  #full: StorageFault | undefined
  #unsettledBytes = 0
  #failure: StorageFault | undefined
  #isClosing = false

  constructor(parts: LifeParts) {
    const { options, lifecycle, guard, mark, files, store } = parts
    const { clock } = options.ports
    this.#parts = parts
    this.#cache = new TailCache(options.settings.tailCacheBytes)
    this.table = new SegmentTable({
      store,
      mark,
      clock,
      lifecycle,
      guard,
      lastNumber: parts.lastTableNumber,
      denseFrom: parts.denseFrom,
      worksAreDone: (works, doomed) => {
        this.#worksAreDone(works, doomed)
      },
    })
    this.rows = new LogRows({ table: this.table, files, mark, guard })
    this.#removal = this.#removalOf(clock)
    this.#interval = new IntervalFlush({
      clock,
      mark,
      files,
      lifecycle,
      guard,
      flushIntervalMs: options.settings.flushIntervalMs,
      isDurable: ({ log, extents, group, holds }) => {
        this.table.enqueue({ log, act: { type: 'extents', extents }, settledThrough: group, holds })
      },
    })
    this.settler = new Settler({
      files,
      table: this.table,
      cache: this.#cache,
      lifecycle,
      guard,
      interval: this.#interval,
      settleBytes: options.settings.settleBytes,
      assertSound: () => {
        this.assertSound()
      },
      holdsLess: (bytes) => {
        this.holdsMore(-bytes)
        this.#kick()
      },
    })
    const { telemetry } = options.ports
    this.#reader = this.#readerOf(telemetry)
    this.#scrubber = new Scrubber({
      ...{ clock, telemetry, path: options.path, table: this.table, reader: this.#reader },
      intervalMs: options.settings.scrubIntervalMs,
      logs: () => this.all().map(({ state }) => state),
      hasFailed: () => this.#failure !== undefined,
    })
    this.#cleaner = new Cleaner({
      ...{ files, table: this.table, mark, guard, reader: this.#reader, clock },
      assertWritable: () => {
        this.assertWritable()
      },
      removeFiles: async (fileIds) => this.rows.removeFiles(fileIds),
    })
  }

  /** Opens the ring of a mode on what recovery found of it. */
  async openRing(mode: FlushMode, recovered: RecoveredRing): Promise<JournalRing> {
    const { options, mark, lifecycle } = this.#parts
    const { settings, ports, path } = options
    const ring = await JournalRing.open({
      mode,
      files: ports.files,
      directory: `${path}/journal`,
      directoryId: this.#parts.directoryId,
      settings,
      mark,
      lifecycle,
      recovered,
      hasRoomNow: () => {
        this.rows.forgetDropped()
        this.#kick()
      },
      isRetired: ({ file }) => {
        this.#interval.forget(file)
      },
    })
    const commit = new GroupCommit({
      ring,
      settings,
      mark,
      lifecycle,
      markEachGroup: options.markEachGroup ?? false,
      isHeldBack: () => this.#isHeldBack(ring),
      holdsMore: (bytes) => {
        this.holdsMore(bytes)
      },
      settleSoon: (log) => {
        this.settler.settleSoon(log)
      },
      settleAllSoon: (logIds) => {
        this.#settleAllSoon(logIds)
      },
      directIsDone: (write) => {
        for (const entry of write.entries) this.#cache.add(entry)
        this.#parts.wrote(write.extents.reduce((sum, { length }) => sum + length, 0))
        if (mode === 'interval') this.#interval.noteDirect(write)
        else {
          this.#parts.files.release(write.handle)
          const { log, extents, group, holds } = write
          this.table.enqueue({
            log,
            act: { type: 'extents', extents },
            settledThrough: group,
            holds,
          })
        }
      },
      startIsMoved: (log, to, life) => {
        log.moveStart(to)
        // Alone with its log, which writes to another file from now on.
        const act = { type: 'start' as const, offset: to, mayDropLast: log.isActing }
        this.table.enqueue({ log, act, alongside: [put(log.row())], holds: [life] })
      },
      groupIsDone: (group, bytes) => {
        if (mode === 'interval') this.#interval.noteGroup(group, group.life.file, bytes)
        this.#parts.wrote(bytes)
      },
    })
    this.#commits.set(mode, commit)
    return ring
  }

  /** Puts a log that the table has in its place. */
  addLog({ row, table, producers, quarantined }: Omit<TableLog, 'isDamaged'>): OpenLog {
    const { files, mark, lifecycle, guard } = this.#parts
    const commit = this.#commits.get(row.flush)
    if (commit === undefined) throw new StorageFault('closed', `no journal for ${row.flush}`)
    const state = new LogState({ ...row, table, producers, pool: this.#pool })
    state.epochs.truncateStart(state.start, state.end)
    for (const range of quarantined) state.foundDamage(range)
    state.writer = new SegmentWriter(state, table.segments.at(-1)?.fileId, {
      files,
      mark,
      lifecycle,
      guard,
      readyNow: () => {
        this.#kick()
      },
    })
    const log = new OpenLog(state, commit, {
      commitOf: async (mode) => this.commitOf(mode),
      table: this.table,
      settler: this.settler,
      reader: this.#reader,
      cleaner: this.#cleaner,
      mark,
      markEachGroup: this.#parts.options.markEachGroup ?? false,
      isWritable: () => this.#failure === undefined && !this.#isClosing,
      assertWritable: () => {
        this.assertWritable()
      },
      assertAppendable: () => {
        this.assertWritable()
        if (this.#full !== undefined) throw this.#full
      },
    })
    this.logs.set(state.logId, log)
    this.#byName.set(nameOf(state), log)
    return log
  }

  /** Forgets the logs that the journal said were dropped. */
  forgetReplayedDrops(): void {
    for (const log of [...this.logs.values()]) {
      if (log.state.droppedBy === undefined) continue
      this.logs.delete(log.state.logId)
      const name = nameOf(log.state)
      if (this.#byName.get(name) === log) this.#byName.delete(name)
    }
  }

  /** The group commit of a mode; its journal is made with its first use. */
  async commitOf(mode: FlushMode): Promise<GroupCommit> {
    const open = this.#commits.get(mode)
    if (open !== undefined) return open
    let opening = this.#openingCommits.get(mode)
    if (opening === undefined) {
      opening = this.#openCommit(mode)
      this.#openingCommits.set(mode, opening)
    }
    return opening
  }

  /** All logs that are not dropped. */
  all(): readonly OpenLog[] {
    return [...this.#byName.values()]
  }

  /** The log of a partition. */
  find(topicId: TopicId, partition: PartitionIndex): OpenLog | undefined {
    return this.#byName.get(nameOf({ topicId, partition }))
  }

  /** Makes a log; its row is durable when this resolves. */
  async createLog(what: CreateLog): Promise<OpenLog> {
    this.assertWritable()
    const name = nameOf(what)
    const existing = this.#byName.get(name)
    if (existing !== undefined) {
      existing.state.adopt(what.policy)
      return existing
    }
    let creating = this.#creating.get(name)
    if (creating === undefined) {
      creating = this.#parts
        .guard(async () => this.#create(what))
        .finally(() => this.#creating.delete(name))
      this.#creating.set(name, creating)
    }
    return creating
  }

  /** Drops a log; that is durable when this resolves, its files go in the background. */
  async dropLog(topicId: TopicId, partition: PartitionIndex): Promise<void> {
    const name = nameOf({ topicId, partition })
    await this.#creating.get(name)
    const log = this.#byName.get(name)
    if (log === undefined) return
    this.assertWritable()
    await log.drop()
    this.#byName.delete(name)
    this.logs.delete(log.state.logId)
  }

  /** Bytes that the journal holds, more or less than before. */
  holdsMore(bytes: number): void {
    this.#unsettledBytes += bytes
  }

  /** Throws after a failed write. */
  assertSound(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Throws when nothing may be written. */
  assertWritable(): void {
    this.assertSound()
    if (this.#isClosing) throw new StorageFault('closed', `${this.#parts.options.path} is closing`)
  }

  /** Nothing is written from now on: in flight is unknown, reads end at what was durable. */
  fail(cause: unknown): void {
    if (this.#failure !== undefined) return
    const isNoSpace = cause instanceof StorageFault && cause.code === 'no-space'
    const { path } = this.#parts.options
    const why = cause instanceof Error ? cause.message : String(cause)
    this.#failure = new StorageFault(
      isNoSpace ? 'no-space' : 'poisoned',
      `${path} takes no writes: ${why}`,
      { cause },
    )
    for (const commit of this.#commits.values()) commit.fail(this.#failure)
    for (const { state } of this.logs.values()) {
      if (state.durable < state.end) state.cutTo(state.durable)
      state.changed.ring()
    }
    this.#parts.failed({ cause, isNoSpace })
  }

  /** Takes the note from the controller that it knows of the unclean logs. */
  async clearUnclean(): Promise<void> {
    const states = this.all().flatMap(({ state }) => (state.unclean === undefined ? [] : [state]))
    if (states.length === 0 && !this.#parts.mayMissLogs) return
    this.assertWritable()
    if (this.#parts.mayMissLogs) this.rows.noneIsMissing()
    await this.rows.setUnclean(states, undefined)
  }

  /** Refuses appends with `fault` until it is called with undefined. */
  refuseAppends(fault: StorageFault | undefined): void {
    this.#full = fault
  }

  /** True after a failed write. */
  hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** Begins to read everything again and again in the background. */
  startScrubbing(): void {
    this.#parts.lifecycle.spawn('scrub', async (signal) => this.#scrubber.run(signal))
  }

  /** How far that is. */
  scrubbed(): ScrubCursor | undefined {
    return this.#scrubber.progress()
  }

  /** Settles everything, so that the next open finds nothing to recover. */
  async settleAll(): Promise<void> {
    this.#isClosing = true
    for (const commit of this.#commits.values()) await commit.idle()
    await mapBounded(settlesAtOnce, [...this.logs.values()], async ({ state }) =>
      this.settler.settle(state),
    )
    await this.#interval.flush()
    this.#scrubber.save()
    await this.table.flush()
    for (const { ring } of this.#commits.values()) await ring.retireAll()
    await this.#parts.mark.writeBoth()
  }

  /** Closes all files. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#removal.close()
    this.#interval.close()
    await this.#parts.lifecycle.close()
    for (const { ring } of this.#commits.values()) await ring.close()
    await this.#parts.files.close()
    await this.table.close()
    await this.#parts.mark.close()
  }

  async #openCommit(mode: FlushMode): Promise<GroupCommit> {
    const { answered, floor } = this.#parts.mark.state().rings[mode]
    const lastGroup = Math.max(answered, floor - 1)
    const unused = {
      lives: [],
      freeFiles: [],
      lastLife: 0,
      lastGroup,
      nextGroup: lastGroup + 1,
      lastCrc: 0,
      fileCount: 0,
    }
    await this.#parts.guard(async () => (await this.openRing(mode, unused)).beginRetiring())
    return present(this.#commits.get(mode), 'the group commit of a ring')
  }

  async #create(what: CreateLog): Promise<OpenLog> {
    const { policy } = what
    await this.commitOf(policy.flush)
    const logId = await this.#parts.mark.takeId('log')
    const row = newLogRow(logId, { ...what, ...policy })
    await this.rows.write([put(logRow(row))])
    this.assertWritable()
    const table = new LogTable(logId, offset(0))
    const log = this.addLog({ row, table, producers: [], quarantined: [] })
    log.state.adopt(policy)
    return log
  }

  #readerOf(telemetry: Telemetry): LogReader {
    const quarantine = new Quarantine({
      ...{ telemetry, table: this.table },
      canWrite: () => this.#failure === undefined && !this.#isClosing,
    })
    return new LogReader({
      files: this.#parts.files,
      table: this.table,
      gate: new Gate({ widthMax: readsAtOnce, queueCountMax: readsWaitingMax }),
      quarantine: async (log, range, extent) => quarantine.take(log, range, extent),
    })
  }

  #removalOf(clock: Clock): SegmentRemoval {
    return new SegmentRemoval({
      clock,
      lifecycle: this.#parts.lifecycle,
      remove: async (fileIds) => this.rows.removeFiles(fileIds),
      isWritable: () => this.#failure === undefined && !this.#isClosing,
    })
  }

  #worksAreDone(works: readonly TableWork[], doomed: readonly DoomedFile[]): void {
    for (const { log, act, holds } of works) {
      for (const life of holds) life.ring.release(life)
      if (log === undefined) continue
      log.tableWorkCount -= 1
      if (act.type === 'extents') log.rowsAreReadable(act.extents)
      if (act.type === 'swap' || act.type === 'start') log.layout += 1
      if (log.droppedBy !== undefined) this.rows.noteDropped([log.describe()])
      log.changed.ring()
    }
    this.#removal.add(doomed)
  }

  /** Nothing is appended while too much waits to be settled: settling is what makes room. */
  #isHeldBack(ring: JournalRing): boolean {
    const { unsettledBytesMax, journalCountMax } = this.#parts.options.settings
    const isTooLong = ring.lifeCount() > journalCountMax
    if (this.#unsettledBytes < unsettledBytesMax && !isTooLong) return false
    for (const { logIds } of ring.lives()) this.#settleAllSoon(logIds)
    this.table.hurry()
    return true
  }

  #settleAllSoon(logIds: ReadonlySet<number>): void {
    for (const logId of logIds) {
      const log = this.logs.get(logId)
      if (log !== undefined) this.settler.settleSoon(log.state)
    }
  }

  #kick(): void {
    for (const commit of this.#commits.values()) commit.kick()
  }
}
