/**
 * Reads of one log from disk: one seek in the table (or a look at the extents whose rows are on
 * their way) and one contiguous read of neighbouring extents. The headers that come back are
 * compared with the CRC of the row, and bodies with their own where that is asked for; if they differ, or
 * cannot be read at all, although nothing changed the log meanwhile, the disk is to blame. What is found
 * is quarantined before anybody hears of it, and read no more.
 */
import { type Offset } from '../../base/id.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Gate } from '../runtime/gate.ts'
import { extentIndex, type Extent } from './extent.ts'
import { type DamagedRange, type LogState } from './log-state.ts'
import { type LogQuery, type LogRead } from './partition-log.ts'
import { extentBytesMax } from './placement.ts'
import { bodiesAreSound, cutRun, describeRun } from './run.ts'
import { type SegmentFiles } from './segment-files.ts'
import { type SegmentTable } from './segment-table.ts'

const extentsPerSeek = 16

/** What reads work with. */
export interface LogReaderParts {
  readonly files: SegmentFiles
  readonly table: SegmentTable
  readonly gate: Gate
  /** Takes a range out of service for good; the extent is absent where its row is gone. */
  readonly quarantine: (log: LogState, range: DamagedRange, extent?: Extent) => Promise<void>
}

/** What a look at one place of a log on disk came to. */
export interface CheckedRange {
  readonly extentCount: number
  readonly bytes: number
  /** Where to look next. */
  readonly next: Offset
  readonly isDamaged: boolean
}

/** Reads logs. */
export class LogReader {
  readonly #parts: LogReaderParts

  constructor(parts: LogReaderParts) {
    this.#parts = parts
  }

  /** Batches from memory at once, else from disk. */
  read(log: LogState, query: LogQuery): LogRead | Promise<LogRead> {
    const upTo = boundOf(log, query)
    if (query.from >= upTo) {
      assertInside(log, query.from)
      return nothingAt(query.from)
    }
    return log.tail.read(query, upTo) ?? this.#fromDisk(log, query)
  }

  async #fromDisk(log: LogState, query: LogQuery): Promise<LogRead> {
    for (let tryCount = 1; ; tryCount++) {
      const { layout } = log
      assertInside(log, query.from)
      const upTo = boundOf(log, query)
      const fromMemory = query.from >= upTo ? nothingAt(query.from) : log.tail.read(query, upTo)
      if (fromMemory !== undefined) return fromMemory
      // What the table has beyond this bound waits to be cut off.
      const limit = query.from < log.tableEnd ? log.tableEnd : log.placedEnd
      if (log.isDamagedAt(query.from)) throw damagedAt(log, query.from)
      const extents = await this.#neighbours(log, query)
      const bytes = await this.#bytesOf(log, extents, {
        layout,
        provesBodies: query.provesBodies ?? false,
      })
      if (layout !== log.layout) continue
      if (bytes === undefined && query.from < log.start) continue
      if (bytes !== undefined) return cut(bytes, query, upTo < limit ? upTo : limit)
      if (tryCount < 3) continue
      const missing = await this.#missing(log, query.from)
      if (layout !== log.layout) continue
      await this.#parts.quarantine(log, missing)
      throw new StorageFault('corrupt', `no row for offset ${query.from} of ${nameOf(log)}`)
    }
  }

  /** All bytes of an extent, proven by its row. */
  async bytesOfExtent(log: LogState, extent: Extent, provesBodies: boolean): Promise<Uint8Array> {
    if (log.isDamagedAt(extent.first)) throw damagedAt(log, extent.first)
    const how = { layout: log.layout, provesBodies }
    const bytes = await this.#bytesOf(log, [extent], how)
    if (bytes === undefined) throw new StorageFault('closed', `${nameOf(log)} was cut meanwhile`)
    return bytes
  }

  /** Reads what lies at `from` on disk, bodies included, and keeps nothing; undefined when nothing is there. */
  async check(log: LogState, from: Offset, bytesMax: number): Promise<CheckedRange | undefined> {
    const { layout } = log
    const at = later(from, log.start)
    if (at >= log.tableEnd) return undefined
    const known = log.damaged.find(({ first, next }) => first <= at && at < next)
    if (known !== undefined) return checked([], known.next, true)
    const extents = await this.#neighbours(log, { from: at, bytesMax })
    const last = extents.at(-1)
    try {
      if (last === undefined) {
        const range = await this.#missing(log, at)
        if (layout === log.layout && at >= log.start) await this.#parts.quarantine(log, range)
        return checked([], at, false)
      }
      await this.#bytesOf(log, extents, { layout, provesBodies: true })
      return checked(extents, last.next, false)
    } catch (cause) {
      if (!(cause instanceof StorageFault) || cause.code !== 'corrupt') throw cause
      return checked([], at, false) // what is sound before and after it is looked at next
    }
  }

  /** From an offset without a row to the next one that has one. */
  async #missing(log: LogState, from: Offset): Promise<DamagedRange> {
    const row = await this.#parts.table.nextSound(log.logId, from)
    return { first: from, next: row !== undefined && row.first > from ? row.first : log.tableEnd }
  }

  /** The extent that holds the offset, and those that lie right behind it, up to one read. */
  async #neighbours(log: LogState, { from, bytesMax }: LogQuery): Promise<readonly Extent[]> {
    const found =
      from < log.tableEnd
        ? await this.#parts.table.extentsAt(log.logId, from, extentsPerSeek)
        : placedFrom(log.placed, from)
    const [first] = found
    if (first === undefined || first.first > from) return []
    const joined: Extent[] = []
    let bytes = 0
    for (const extent of found) {
      const last = joined.at(-1)
      const isNeighbour =
        last === undefined ||
        (last.fileId === extent.fileId &&
          last.position + last.length === extent.position &&
          last.next === extent.first)
      const isEnough = bytes >= bytesMax || bytes + extent.length > extentBytesMax
      if (!isNeighbour || (last !== undefined && isEnough)) break
      if (last !== undefined && log.isDamagedAt(extent.first)) break
      joined.push(extent)
      bytes += extent.length
    }
    return joined
  }

  /** The bytes of neighbouring extents, proven by their rows; undefined when the log changed meanwhile. */
  async #bytesOf(
    log: LogState,
    extents: readonly Extent[],
    how: { readonly layout: number; readonly provesBodies: boolean },
  ): Promise<Uint8Array | undefined> {
    const { layout, provesBodies } = how
    const [first] = extents
    const last = extents.at(-1)
    if (first === undefined || last === undefined) return undefined
    const length = last.position + last.length - first.position
    try {
      const bytes = await this.#readFile(first.fileId, first.position, length)
      for (const extent of extents) {
        const at = extent.position - first.position
        if (isWhatWasWritten(bytes.subarray(at, at + extent.length), extent, provesBodies)) continue
        if (!(await this.#isStillThere(log, extent, layout))) return undefined
        await this.#parts.quarantine(log, extent, extent)
        const where = `offsets ${extent.first} to ${extent.next - 1} of ${nameOf(log)}`
        throw new StorageFault('corrupt', `${where} are not what was written there`)
      }
      return bytes
    } catch (cause) {
      if (layout !== log.layout) return undefined
      if (!isLoss(cause)) throw cause
      const lost = await this.#firstLost(extents)
      if (lost === undefined && layout === log.layout) throw cause
      if (lost === undefined || !(await this.#isStillThere(log, lost, layout))) return undefined
      await this.#parts.quarantine(log, lost, lost)
      const where = `offsets ${lost.first} to ${lost.next - 1} of ${nameOf(log)}`
      throw new StorageFault('corrupt', `${where} cannot be read`, { cause })
    }
  }

  /** False when the log has passed an extent by, also before whoever held it began to read. */
  async #isStillThere(log: LogState, extent: Extent, layout: number): Promise<boolean> {
    const [now] =
      extent.first < log.tableEnd
        ? await this.#parts.table.extentsAt(log.logId, extent.first, 1)
        : placedFrom(log.placed, extent.first)
    const isSame = now?.fileId === extent.fileId && now.position === extent.position
    return isSame && extent.next > log.start && layout === log.layout
  }

  /** The first of the extents of a failed read that cannot be read alone, a second time, either. */
  async #firstLost(extents: readonly Extent[]): Promise<Extent | undefined> {
    for (const extent of extents)
      try {
        await this.#readFile(extent.fileId, extent.position, extent.length)
      } catch (cause) {
        if (isLoss(cause)) return extent
        throw cause
      }
    return undefined
  }

  async #readFile(fileId: number, position: number, length: number): Promise<Uint8Array> {
    return this.#parts.gate.run(async () => {
      const handle = await this.#parts.files.acquire(fileId)
      try {
        return await handle.file.read(position, length)
      } finally {
        this.#parts.files.release(handle)
      }
    })
  }
}

/** True when a segment file, or a place in it, is not there any more. */
function isLoss(cause: unknown): boolean {
  return cause instanceof StorageFault && (cause.code === 'io' || cause.code === 'not-found')
}

function isWhatWasWritten(bytes: Uint8Array, extent: Extent, provesBodies: boolean): boolean {
  const run = describeRun([bytes], extent.first)
  return (
    run?.first === extent.first &&
    run.next === extent.next &&
    run.headersCrc === extent.headersCrc &&
    (!provesBodies || bodiesAreSound(bytes))
  )
}

function damagedAt(log: LogState, from: Offset): StorageFault {
  return new StorageFault('corrupt', `offset ${from} of ${nameOf(log)} is damaged on disk`)
}

function checked(extents: readonly Extent[], next: Offset, isDamaged: boolean): CheckedRange {
  const bytes = extents.reduce((sum, { length }) => sum + length, 0)
  return { extentCount: extents.length, bytes, next, isDamaged }
}

function cut(bytes: Uint8Array, { from, bytesMax }: LogQuery, upTo: Offset): LogRead {
  const found = cutRun(bytes, from, { upTo, bytesMax, atLeastOne: true })
  if (found === undefined) return nothingAt(from)
  return { slices: [found.slice], nextOffset: found.next, bytes: found.slice.length }
}

function nothingAt(from: Offset): LogRead {
  return { slices: [], nextOffset: from, bytes: 0 }
}

function later(left: Offset, right: Offset): Offset {
  return left > right ? left : right
}

/** Whose log it is, for messages. */
export function nameOf(log: { readonly topicId: string; readonly partition: number }): string {
  return `${log.topicId}-${log.partition}`
}

function boundOf(log: LogState, { upTo }: LogQuery): Offset {
  return upTo === undefined || upTo > log.end ? log.end : upTo
}

function assertInside(log: LogState, from: Offset): void {
  if (from >= log.start && from <= log.end) return
  const range = `${log.start} to ${log.end}`
  throw new StorageFault('not-found', `offset ${from} is not in ${range} of ${nameOf(log)}`)
}

function placedFrom(placed: readonly Extent[], from: Offset): readonly Extent[] {
  const index = extentIndex(placed, from)
  return index < 0 ? [] : placed.slice(index, index + extentsPerSeek)
}
