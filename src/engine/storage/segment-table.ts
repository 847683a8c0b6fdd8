/**
 * The one writer of the segment table. Changes wait in one queue and go in order, many in one synced
 * batch; nobody waits for them on the path of an append, so they are gathered for a while. Each
 * batch carries its number as a row: a hole in the numbers shows that LevelDB lost one.
 *
 * Invariants: one batch in flight; batch numbers are dense; a change's journal entries are released
 * only after its batch was synced.
 */
import { crc32c } from '../../base/crc32c.ts'
import { type Offset } from '../../base/id.ts'
import { type Clock, type Timer } from '../ports/clock.ts'
import {
  type KeyRange,
  type KeyValueEntry,
  type KeyValueOperation,
  type KeyValueStore,
} from '../ports/key-value-store.ts'
import { Coalescer } from '../runtime/coalescer.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type CommitMark } from './commit-mark.ts'
import { decodeExtent, type Extent } from './extent.ts'
import { type Guard } from './guard.ts'
import { type JournalLife } from './journal-ring.ts'
import { batchKey, extentKey, extentsFrom, rangeOfLog } from './keys.ts'
import { type LogState } from './log-state.ts'
import { put, remove, type LogTable, type SegmentSwap, type TablePlan } from './log-table.ts'
import { batchRow } from './rows.ts'
import { type Run } from './run.ts'

/** A change of one log, or rows of no log. */
export interface TableWork {
  readonly log: LogState | undefined
  readonly act:
    | { readonly type: 'extents'; readonly extents: readonly Extent[] }
    | { readonly type: 'truncate'; readonly offset: Offset; readonly shortened: Run | undefined }
    | { readonly type: 'restart'; readonly offset: Offset }
    | { readonly type: 'swap'; readonly swap: SegmentSwap }
    /** The log starts there, and whole segments below go; `mayDropLast`: no appends go to the last one. */
    | { readonly type: 'start'; readonly offset: Offset; readonly mayDropLast: boolean }
    | { readonly type: 'rows'; readonly operations: readonly KeyValueOperation[] }
  /** Everything of the log in groups up to this one is reflected by it. */
  readonly settledThrough?: number
  /** Rows that go in the same batch. */
  readonly alongside?: readonly KeyValueOperation[]
  /** Lives of the journal entries that it reflects, one an entry. */
  readonly holds: readonly JournalLife[]
}

/** A file that no row names any more. */
export interface DoomedFile {
  readonly fileId: number
  readonly delayMs: number
}

/** A plan with rows, and whether more of the same work is to be done after it. */
interface PlanStep extends TablePlan {
  readonly isPartial: boolean
}

/** What the table works with. */
export interface SegmentTableParts {
  readonly store: KeyValueStore
  readonly mark: CommitMark
  readonly clock: Clock
  readonly lifecycle: Lifecycle
  readonly guard: Guard
  /** Number of the last batch, and from where on their rows are there. */
  readonly lastNumber: number
  readonly denseFrom: number
  /** Called when a batch is synced, for each work in it, in order. */
  readonly worksAreDone: (works: readonly TableWork[], doomed: readonly DoomedFile[]) => void
}

const gatherMs = 50
const gatherCountMax = 256
const batchWorksMax = 512
/** More batches than LevelDB's two logs can hold at 1 MiB each. */
const numberRowsKept = 16_384
const scanCount = 1024
/** A batch of more removals would hold up the event loop. */
const dropRowsMax = 2048

/** Writes the table, and reads its rows. */
export class SegmentTable {
  readonly store: KeyValueStore
  readonly #parts: SegmentTableParts
  readonly #writing: Coalescer
  #queue: TableWork[] = []
  #number: number
  #denseFrom: number
  #timer: Timer | undefined
  #isSpawned = false

  constructor(parts: SegmentTableParts) {
    this.store = parts.store
    this.#parts = parts
    this.#number = parts.lastNumber
    this.#denseFrom = parts.denseFrom
    this.#writing = new Coalescer(async () => this.#writeAll())
  }

  /** Queues a change; it is written within 50 ms. */
  enqueue(work: TableWork): void {
    this.#queue.push(work)
    if (work.log !== undefined) work.log.tableWorkCount += 1
    if (this.#queue.length >= gatherCountMax) this.#spawn()
    else
      this.#timer ??= this.#parts.clock.after(gatherMs, () => {
        this.#timer = undefined
        if (this.#queue.length > 0) this.#spawn()
      })
  }

  /** Writes all that is queued; synced when it resolves. */
  async flush(): Promise<void> {
    await this.#writing.run()
  }

  /** Writes what is queued without gathering more. */
  hurry(): void {
    if (this.#queue.length > 0) this.#spawn()
  }

  /** Writes a batch even when nothing is queued: all batches before it are synced, too. */
  async sync(): Promise<void> {
    await this.flush()
    await this.#parts.guard(async () => this.#commit([], [], []))
  }

  /** The first extents of a log that end after `from`, at most `countMax`. */
  async extentsAt(logId: number, from: Offset, countMax: number): Promise<readonly Extent[]> {
    const rows = await this.store.scan(extentsFrom(logId, from), countMax)
    const extents: Extent[] = []
    for (const row of rows) {
      const extent = decodeExtent(row)
      if (extent === undefined) break
      extents.push(extent)
    }
    return extents
  }

  /** The first extent of a log that ends after `from` and whose row is sound. */
  async nextSound(logId: number, from: Offset): Promise<Extent | undefined> {
    const cursor = this.store.cursor(extentsFrom(logId, from))
    try {
      for (;;) {
        const rows = await cursor.next(scanCount)
        if (rows.length === 0) return undefined
        const sound = rows.map(decodeExtent).find((extent) => extent !== undefined)
        if (sound !== undefined) return sound
      }
    } finally {
      await cursor.close()
    }
  }

  /** Stops gathering; what is queued is lost. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#queue = []
    await this.store.close()
  }

  #spawn(): void {
    if (this.#isSpawned) return
    this.#isSpawned = true
    this.#parts.lifecycle.spawn('segment-table', async () => {
      try {
        await this.flush()
      } finally {
        this.#isSpawned = false
      }
    })
  }

  async #writeAll(): Promise<void> {
    const { guard } = this.#parts
    while (this.#queue.length > 0) await guard(async () => this.#writeOne())
  }

  /** One batch: works that need no rows to plan, or a single one that does. */
  async #writeOne(): Promise<void> {
    const works: TableWork[] = []
    const operations: KeyValueOperation[] = []
    const doomed: DoomedFile[] = []
    let isPartial = false
    for (const work of this.#queue.slice(0, batchWorksMax)) {
      if (needsRows(work) && works.length > 0) break
      const plan = needsRows(work) ? await this.#planWithRows(work) : planAtOnce(work)
      operations.push(...plan.operations, ...(work.alongside ?? []))
      const delayMs = work.log?.fileDeleteDelayMs ?? 0
      for (const fileId of plan.doomed) doomed.push({ fileId, delayMs })
      works.push(work)
      isPartial = plan.isPartial
      if (needsRows(work)) break
    }
    const done = isPartial ? [] : this.#queue.splice(0, works.length)
    const tails = new Map<LogState, KeyValueEntry>()
    for (const { log, act, settledThrough } of works) {
      if (log === undefined || act.type === 'rows' || log.droppedBy !== undefined) continue
      if (settledThrough !== undefined) log.table.settledThrough = settledThrough
      tails.set(log, log.table.tail())
    }
    for (const [log, row] of tails) operations.push(put(row), ...producersReached(log))
    await this.#commit(done, operations, doomed)
  }

  async #planWithRows(work: TableWork): Promise<PlanStep> {
    const { log, act } = work
    if (log === undefined) return planAtOnce(work)
    const { table } = log
    if (act.type === 'truncate') {
      const rows = await this.#allRows(extentsFrom(log.logId, table.baseOver(act.offset)))
      const plan = table.planTruncation(act.offset, rows, act.shortened)
      return this.#withoutQuarantine(log, { from: act.offset }, { ...plan, isPartial: false })
    }
    if (act.type === 'restart') {
      const rows = await this.#allRows(rangeOfLog('extent', log.logId))
      const plan = table.planRestart(act.offset, rows)
      return this.#withoutQuarantine(log, {}, { ...plan, isPartial: false })
    }
    if (act.type === 'start') {
      const step = await this.#planStart(table, act)
      return this.#withoutQuarantine(log, { to: table.start }, step)
    }
    return planAtOnce(work)
  }

  /** One step: the start with the first one, and as many rows of dropped segments as one batch takes. */
  async #planStart(
    table: LogTable,
    act: { readonly offset: Offset; readonly mayDropLast: boolean },
  ): Promise<PlanStep> {
    table.moveStart(act.offset)
    const count = table.droppableCount(act.mayDropLast)
    const bound = table.segments[count]?.base
    const whole = rangeOfLog('extent', table.logId)
    const to = bound === undefined ? whole.to : extentsFrom(table.logId, bound).from
    const rows = count <= 0 ? [] : await this.store.scan({ from: whole.from, to }, dropRowsMax)
    const isLast = rows.length < dropRowsMax
    return { ...table.planDrop(rows, { count, isLast }), isPartial: !isLast }
  }

  /** What was cut off is damaged no more: other bytes, or none, take its offsets. */
  async #withoutQuarantine(
    log: LogState,
    gone: { readonly from?: Offset; readonly to?: Offset },
    plan: PlanStep,
  ): Promise<PlanStep> {
    const whole = rangeOfLog('quarantine', log.logId)
    const keyOf = (at: Offset): Uint8Array => extentKey('quarantine', log.logId, at)
    const rows = await this.#allRows({
      from: gone.from === undefined ? whole.from : keyOf(gone.from),
      to: gone.to === undefined ? whole.to : keyOf(gone.to),
    })
    return { ...plan, operations: [...plan.operations, ...rows.map(remove)] }
  }

  async #allRows(range: KeyRange): Promise<readonly KeyValueEntry[]> {
    const cursor = this.store.cursor(range)
    const rows: KeyValueEntry[] = []
    for (;;) {
      const some = await cursor.next(scanCount)
      if (some.length === 0) break
      rows.push(...some)
    }
    await cursor.close()
    return rows
  }

  async #commit(
    works: readonly TableWork[],
    operations: KeyValueOperation[],
    doomed: readonly DoomedFile[],
  ): Promise<void> {
    const number = this.#number + 1
    const lastToKeep = number - numberRowsKept
    for (; this.#denseFrom < lastToKeep; this.#denseFrom++)
      operations.push({ type: 'delete', key: batchKey(this.#denseFrom) })
    let rowsCrc = 0
    for (const operation of operations) {
      rowsCrc = crc32c(operation.key, rowsCrc)
      if (operation.type === 'put') rowsCrc = crc32c(operation.value, rowsCrc)
    }
    const rowCount = operations.length
    operations.push(put(batchRow({ number, rowCount, rowsCrc, denseFrom: this.#denseFrom })))
    await this.store.batch(operations, { sync: true })
    this.#number = number
    this.#parts.mark.noteTable(number)
    this.#parts.worksAreDone(works, doomed)
  }
}

/** The snapshots of its producers that the table's end has come to. */
function producersReached({
  producers,
  table,
  start,
  epochs,
}: LogState): readonly KeyValueOperation[] {
  return producers.reached({ start, end: table.end, epochs }, (end) => table.baseOver(end))
}

function needsRows({ act }: TableWork): boolean {
  return act.type === 'truncate' || act.type === 'restart' || act.type === 'start'
}

function planAtOnce({ log, act }: TableWork): PlanStep {
  const isPartial = false
  if (act.type === 'rows') return { operations: act.operations, doomed: [], isPartial }
  if (act.type === 'extents' && log !== undefined)
    return { ...log.table.planExtents(act.extents), isPartial }
  // A cut under way has looked at the rows that the swap would replace.
  if (act.type === 'swap' && log?.isCutting === false)
    return { ...log.table.planSwap(act.swap), isPartial }
  return { operations: [], doomed: [], isPartial }
}
