/**
 * Looks for times in a log by what headers claim: the greatest timestamp of a segment, then of an
 * extent, then of a batch. Segments and extents that cannot have what is wanted are passed over
 * without a read; what has no row yet is in memory and is walked there. Records are not opened here.
 *
 * Invariant: the log may be cut, dropped from or compacted between two steps, so each step looks the
 * segments up anew, from an offset on.
 */
import { type Offset } from '../../base/id.ts'
import { batchBytes, maxTimestampMs } from '../../core/record/batch-header.ts'
import { type LogReader } from './log-reader.ts'
import { type LogState } from './log-state.ts'
import { type GreatestQuery, type TimeQuery } from './partition-log.ts'
import { extentBytesMax } from './placement.ts'
import { type SegmentTable } from './segment-table.ts'

/** What lookups work with. */
export interface LogTimesParts {
  readonly reader: LogReader
  readonly table: SegmentTable
}

interface Range {
  readonly from: Offset
  readonly upTo: Offset
}

const rowsPerScan = 256

/** The first batch that ends after `from` and claims a timestamp of at least `timestampMs`. */
export async function batchAtTime(
  parts: LogTimesParts,
  log: LogState,
  { timestampMs, from, upTo }: TimeQuery,
): Promise<Uint8Array | undefined> {
  for (let at = from; ;) {
    const place = await placeAtTime(parts, log, { from: later(at, log.start), timestampMs })
    at = later(place.first, log.start)
    if (at >= upTo || at >= log.end) return undefined
    const query = { from: at, upTo, bytesMax: place.bytes, provesBodies: true }
    const read = await parts.reader.read(log, query)
    for (const slice of read.slices) {
      const found = batchesOf(slice).find((batch) => maxTimestampMs(batch, 0) >= timestampMs)
      if (found !== undefined) return found
    }
    if (read.nextOffset <= at) return undefined
    at = read.nextOffset
  }
}

/** The greatest timestamp below `below` that a batch before `upTo` claims; -1 when none does. */
export async function greatestTimestampMs(
  parts: LogTimesParts,
  log: LogState,
  { upTo, below }: GreatestQuery,
): Promise<number> {
  const end = lesser(upTo, log.end)
  const inMemory = { from: later(log.tableEnd, log.start), upTo: end }
  let bestMs = await greatestOfBatches(parts, log, { range: inMemory, below, bestMs: -1 })
  for (let before = lesser(end, inMemory.from); before > log.start;) {
    const least = bestMs
    const segment = log.table.segments.findLast(
      (each) => each.base < before && each.maxTimestampMs > least,
    )
    if (segment === undefined || segment.next <= log.start) break
    const range = { from: later(segment.base, log.start), upTo: lesser(segment.next, before) }
    const isWhole = segment.base >= log.start && segment.next <= before
    before = segment.base
    if (isWhole && segment.maxTimestampMs < below) bestMs = segment.maxTimestampMs
    else bestMs = await greatestOfExtents(parts, log, { range, below, bestMs })
  }
  return bestMs
}

/** The first extent that may have it, or where memory begins, with the bytes to read there. */
async function placeAtTime(
  { table }: LogTimesParts,
  log: LogState,
  { from, timestampMs }: { readonly from: Offset; readonly timestampMs: number },
): Promise<{ readonly first: Offset; readonly bytes: number }> {
  for (let at = from; at < log.tableEnd;) {
    const wanted = at
    const segment = log.table.segments.find(
      (each) => each.next > wanted && each.maxTimestampMs >= timestampMs,
    )
    if (segment === undefined) break
    at = later(at, segment.base)
    for (const { next } = segment; at < next && at < log.tableEnd;) {
      const extents = await table.extentsAt(log.logId, at, rowsPerScan)
      const found = extents.find((extent) => extent.maxTimestampMs >= timestampMs)
      if (found !== undefined && found.first < log.tableEnd)
        return { first: later(found.first, from), bytes: found.length }
      const last = extents.at(-1)
      // A row that cannot be read: the read there says so by name.
      if (last === undefined) return { first: at, bytes: 1 }
      at = last.next
    }
  }
  return { first: later(from, log.tableEnd), bytes: extentBytesMax }
}

interface Search {
  readonly range: Range
  readonly below: number
  /** Only what is later counts. */
  readonly bestMs: number
}

async function greatestOfExtents(
  parts: LogTimesParts,
  log: LogState,
  { range, below, ...search }: Search,
): Promise<number> {
  let { bestMs } = search
  for (let at = range.from; at < range.upTo;) {
    const extents = await parts.table.extentsAt(log.logId, at, rowsPerScan)
    for (const { first, next, maxTimestampMs: claimedMs } of extents) {
      if (first >= range.upTo || claimedMs <= bestMs) continue
      const isWhole = first >= range.from && next <= range.upTo
      const part = { from: later(first, range.from), upTo: lesser(next, range.upTo) }
      if (isWhole && claimedMs < below) bestMs = claimedMs
      else bestMs = await greatestOfBatches(parts, log, { range: part, below, bestMs })
    }
    const last = extents.at(-1)
    if (last === undefined)
      return greatestOfBatches(parts, log, { range: { ...range, from: at }, below, bestMs })
    at = last.next
  }
  return bestMs
}

async function greatestOfBatches(
  { reader }: LogTimesParts,
  log: LogState,
  { range, below, ...search }: Search,
): Promise<number> {
  let { bestMs } = search
  for (let at = range.from; at < range.upTo;) {
    const { upTo } = range
    const read = await reader.read(log, {
      from: later(at, log.start),
      upTo,
      bytesMax: extentBytesMax,
    })
    for (const batch of read.slices.flatMap(batchesOf)) {
      const claimedMs = maxTimestampMs(batch, 0)
      if (claimedMs < below && claimedMs > bestMs) bestMs = claimedMs
    }
    if (read.nextOffset <= at) break
    at = read.nextOffset
  }
  return bestMs
}

/** The batches of a read, which are whole. */
function batchesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const batches: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at))
    batches.push(bytes.subarray(at, at + batchBytes(bytes, at)))
  return batches
}

function later(left: Offset, right: Offset): Offset {
  return left > right ? left : right
}

function lesser(left: Offset, right: Offset): Offset {
  return left < right ? left : right
}
