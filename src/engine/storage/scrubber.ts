/**
 * Reads everything that the table names again, bodies included, once in a period: rot is found while
 * another replica still has the bytes, and not when somebody wants them. One small read at a time,
 * spread evenly over the period; how far it came is a row of the table, so that a restart goes on
 * there. What it finds is quarantined by the reader it uses; the broker sees to the rest.
 *
 * Invariant: a pass ends when all that lay on disk at its beginning, and still does, was read.
 */
import { offset } from '../../base/id.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Clock } from '../ports/clock.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { GateFullError } from '../runtime/gate.ts'
import { sleep } from '../runtime/sleep.ts'
import { idKey } from './keys.ts'
import { type CheckedRange, type LogReader } from './log-reader.ts'
import { type LogState } from './log-state.ts'
import { put } from './log-table.ts'
import { decodeScrubRow, scrubRow, type ScrubCursor } from './rows.ts'
import { type SegmentTable } from './segment-table.ts'

/** What scrubbing works with. */
export interface ScrubberParts {
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly table: SegmentTable
  readonly reader: LogReader
  readonly path: string
  /** Within which everything is read once; 0 or less: never. */
  readonly intervalMs: number
  /** All logs, in any order. */
  readonly logs: () => Iterable<LogState>
  /** True once nothing is written any more: then nothing is looked for either. */
  readonly hasFailed: () => boolean
}

const readBytes = 256 * 1024
/** However far behind it is: what a reader would notice. */
const bytesPerMsMax = (16 * 1024 * 1024) / 1000
const sleepMsMax = 60 * 60 * 1000
const saveMs = 60_000
const triesMax = 3

/** Scrubs one directory in the background. */
export class Scrubber {
  readonly #parts: ScrubberParts
  #cursor: ScrubCursor | undefined
  #savedAtMs = 0
  #isSaved = true

  constructor(parts: ScrubberParts) {
    this.#parts = parts
  }

  /** How far it is; undefined while it never began. */
  progress(): ScrubCursor | undefined {
    return this.#cursor
  }

  /** Scrubs, pass after pass, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { table, clock, intervalMs } = this.#parts
    if (intervalMs <= 0) return
    const value = await table.store.get(scrubKey)
    const before = value && decodeScrubRow({ key: scrubKey, value })
    this.#cursor = before ?? fresh(clock.wallMs())
    this.#isSaved = before !== undefined
    while (await this.#pass(this.#cursor, signal)) this.#cursor = this.#finished(this.#cursor)
  }

  /** Remembers how far it came, with the next table batch. */
  save(): void {
    if (this.#cursor === undefined || this.#isSaved) return
    this.#isSaved = true
    this.#savedAtMs = this.#parts.clock.nowMs()
    const operations = [put(scrubRow(this.#cursor))]
    this.#parts.table.enqueue({ log: undefined, act: { type: 'rows', operations }, holds: [] })
  }

  /** True when everything from the cursor on was read and the period is over. */
  async #pass(from: ScrubCursor, signal: AbortSignal): Promise<boolean> {
    const logs = [...this.#parts.logs()]
      .filter(({ logId }) => logId >= from.logId)
      .sort((left, right) => left.logId - right.logId)
      .map((log) => ({ log, upTo: log.tableEnd, extentCount: log.table.extentCount }))
    const pace = { left: logs.reduce((sum, each) => sum + each.extentCount, 0), step: 1, bytes: 0 }
    for (const { log, upTo } of logs) {
      let next = log.logId === from.logId ? from.next : log.start
      for (let failureCount = 0; next < upTo && log.droppedBy === undefined;) {
        if (!(await this.#pause(pace, signal))) return false
        const found = await this.#check(log, next)
        failureCount = found === 'failed' ? failureCount + 1 : 0
        if (found === undefined || failureCount >= triesMax) break
        if (found === 'failed') continue
        next = offset(Math.max(found.next, next))
        pace.left -= found.extentCount
        pace.step = Math.max(1, found.extentCount)
        pace.bytes = found.bytes
        this.#note(log, found)
      }
    }
    return this.#pause({ left: 0, step: 1, bytes: 0 }, signal)
  }

  /** Sleeps as long as the next step takes of the period; false when there is to be none. */
  async #pause(
    { left, step, bytes }: { readonly left: number; readonly step: number; readonly bytes: number },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { clock, intervalMs, hasFailed } = this.#parts
    const endAtMs = (this.#cursor?.startedAtMs ?? clock.wallMs()) + intervalMs
    const restMs = Math.max(0, Math.min(intervalMs, endAtMs - clock.wallMs()))
    const pauseMs = Math.max(bytes / bytesPerMsMax, (restMs * step) / Math.max(step, left))
    const wakeAtMs = clock.nowMs() + pauseMs
    for (let ms = pauseMs; ms > 0 && !signal.aborted; ms = wakeAtMs - clock.nowMs())
      await sleep(clock, Math.min(sleepMsMax, ms), signal)
    return !signal.aborted && !hasFailed()
  }

  async #check(log: LogState, from: LogState['end']): Promise<CheckedRange | undefined | 'failed'> {
    try {
      return await this.#parts.reader.check(log, from, readBytes)
    } catch (cause) {
      if (!(cause instanceof StorageFault) && !(cause instanceof GateFullError)) throw cause
      return 'failed'
    }
  }

  #note(log: LogState, found: CheckedRange): void {
    const cursor = this.#cursor ?? fresh(this.#parts.clock.wallMs())
    this.#cursor = {
      ...cursor,
      logId: log.logId,
      next: found.next,
      extentCount: cursor.extentCount + found.extentCount,
      bytes: cursor.bytes + found.bytes,
      damagedCount: cursor.damagedCount + (found.isDamaged ? 1 : 0),
    }
    this.#isSaved = false
    if (this.#parts.clock.nowMs() - this.#savedAtMs >= saveMs) this.save()
  }

  #finished({ extentCount, bytes, damagedCount }: ScrubCursor): ScrubCursor {
    const { clock, telemetry, path } = this.#parts
    const nowMs = clock.wallMs()
    if (extentCount > 0)
      telemetry.log('info', 'directory-scrubbed', { path, extentCount, bytes, damagedCount })
    this.#isSaved = false
    return { ...fresh(nowMs), lastEndedAtMs: nowMs }
  }
}

const scrubKey = idKey('scrub', 0)

function fresh(startedAtMs: number): ScrubCursor {
  const none = { extentCount: 0, bytes: 0, damagedCount: 0 }
  return { startedAtMs, lastEndedAtMs: undefined, logId: 0, next: offset(0), ...none }
}
