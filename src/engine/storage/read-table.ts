/**
 * Reads the segment table when a directory is opened: every log's row, tail and segments, and the
 * extents above its last sealed segment. What does not fit together is cut off where the log stops
 * being gapless, taken out of service (its bytes are kept), and reported.
 */
import { equalBytes } from '../../base/bytes.ts'
import { offset, type Offset } from '../../base/id.ts'
import { StorageFault } from '../ports/fault.ts'
import {
  type KeyRange,
  type KeyValueEntry,
  type KeyValueOperation,
  type KeyValueStore,
} from '../ports/key-value-store.ts'
import { mapBounded } from '../runtime/gate.ts'
import { decodeExtent, type Extent } from './extent.ts'
import {
  batchNumberOf,
  extentKey,
  extentsFrom,
  idKey,
  idOf,
  fileIdOf,
  lastOffsetOf,
  rangeOfKind,
  rangeOfLog,
} from './keys.ts'
import {
  addToSegment,
  emptySegment,
  LogTable,
  put,
  remove,
  type TableSegment,
} from './log-table.ts'
import { type ProducersSnapshot } from './partition-log.ts'
import {
  decodeBatchRow,
  decodeProducersRow,
  decodeLogRow,
  decodeSegmentRow,
  decodeTailRow,
  isDoomedRow,
  missingRow,
  segmentRow,
  type LogRow,
  type SegmentRow,
  type TailRow,
} from './rows.ts'

/** One log as the table has it. */
export interface TableLog {
  readonly row: LogRow
  readonly table: LogTable
  readonly producers: readonly ProducersSnapshot[]
  /** Rows were damaged or missing; the log ends where it was gapless. */
  readonly isDamaged: boolean
  /** Extents whose bytes are known to be damaged. Their offsets stay in the log. */
  readonly quarantined: readonly Extent[]
}

/** All that the table has. */
export interface TableImage {
  readonly logs: readonly TableLog[]
  readonly dropped: readonly LogRow[]
  readonly lastNumber: number
  readonly denseFrom: number
  /** A batch was lost: no log can be vouched for. */
  readonly isHoled: boolean
  /** Now or before: whole logs may be missing, and the controller has not taken note yet. */
  readonly mayMissLogs: boolean
  readonly doomedFiles: readonly number[]
  readonly greatestLogId: number
  readonly greatestFileId: number
  /** Takes what was cut off out of service. */
  readonly repairs: readonly KeyValueOperation[]
}

const scanCount = 1024
const logsAtOnce = 8

/** Reads everything; `lastNumberMin` is the batch that the commit mark names. */
export async function readTable(
  store: KeyValueStore,
  where: { readonly path: string; readonly lastNumberMin: number },
): Promise<TableImage> {
  const rows = (await all(store, rangeOfKind('log'))).map((entry) => {
    const row = decodeLogRow(entry)
    if (row === undefined)
      throw new StorageFault('corrupt', `the row of log ${idOf(entry.key)} in ${where.path}`)
    return row
  })
  const tails = new Map<number, TailRow | undefined>()
  for (const entry of await all(store, rangeOfKind('tail')))
    tails.set(idOf(entry.key), decodeTailRow(entry))
  const segments = new Map<number, (SegmentRow | undefined)[]>()
  let greatestFileId = 0
  for (const entry of await all(store, rangeOfKind('segment'))) {
    const logId = idOf(entry.key)
    segments.set(logId, [...(segments.get(logId) ?? []), decodeSegmentRow(entry)])
    greatestFileId = Math.max(greatestFileId, fileIdOf(entry.key))
  }
  const producers = await readProducers(store)
  const quarantine = new Map<number, KeyValueEntry[]>()
  for (const entry of await all(store, rangeOfKind('quarantine'))) {
    const logId = idOf(entry.key)
    quarantine.set(logId, [...(quarantine.get(logId) ?? []), entry])
  }
  const known = new Set(rows.map(({ logId }) => logId))
  const lost = [...tails.keys()].filter((logId) => !known.has(logId))
  const numberRows = await all(store, rangeOfKind('batch'))
  const numbers = readNumbers(numberRows, where.lastNumberMin)
  const isHoled = numbers.isHoled || lost.length > 0
  const wasHoled = (await all(store, rangeOfKind('missing'))).length > 0
  const doomed = (await all(store, rangeOfKind('doomed'))).filter(isDoomedRow)
  const doomedFiles = doomed.map(({ key }) => idOf(key))
  const live = rows.filter((row) => row.droppedBy === undefined)
  const read = await mapBounded(logsAtOnce, live, async (row) =>
    readLog(store, row, {
      tail: tails.get(row.logId),
      hasTail: tails.has(row.logId),
      segments: segments.get(row.logId) ?? [],
      quarantine: quarantine.get(row.logId) ?? [],
    }),
  )
  return {
    logs: read.map(({ log }) => ({ ...log, producers: producers.get(log.row.logId) ?? [] })),
    dropped: rows.filter((row) => row.droppedBy !== undefined),
    ...{ ...numbers, isHoled, mayMissLogs: isHoled || wasHoled },
    doomedFiles,
    greatestLogId: [...known, ...lost].reduce((most, logId) => Math.max(most, logId), 0),
    greatestFileId: doomedFiles.reduce((most, id) => Math.max(most, id), greatestFileId),
    repairs: [
      ...(isHoled ? [put(missingRow())] : []),
      ...(numbers.isHoled ? numberRows.map(remove) : []),
      ...lost.map((logId) => remove({ key: idKey('tail', logId) })),
      ...read.flatMap(({ repairs }) => repairs),
    ],
  }
}

/** Snapshots that prove themselves; without one, a log's batches are looked at from an older one, or its start. */
async function readProducers(
  store: KeyValueStore,
): Promise<ReadonlyMap<number, readonly ProducersSnapshot[]>> {
  const found = new Map<number, ProducersSnapshot[]>()
  for (const entry of await all(store, rangeOfKind('producers'))) {
    const snapshot = decodeProducersRow(entry)
    if (snapshot === undefined) continue
    const ofLog = found.get(idOf(entry.key))
    if (ofLog === undefined) found.set(idOf(entry.key), [snapshot])
    else ofLog.push(snapshot)
  }
  return found
}

function readNumbers(
  entries: readonly KeyValueEntry[],
  lastNumberMin: number,
): Pick<TableImage, 'lastNumber' | 'denseFrom' | 'isHoled'> {
  const last = entries.at(-1)
  if (last === undefined)
    return { lastNumber: lastNumberMin, denseFrom: lastNumberMin + 1, isHoled: lastNumberMin > 0 }
  const lastNumber = batchNumberOf(last.key)
  const denseFrom = decodeBatchRow(last)?.denseFrom ?? lastNumber
  const first = entries[0]
  const isDense =
    entries.length === lastNumber - denseFrom + 1 &&
    first !== undefined &&
    batchNumberOf(first.key) === denseFrom &&
    entries.every((entry) => decodeBatchRow(entry) !== undefined)
  const isHoled = !isDense || lastNumber < lastNumberMin
  // After a hole the numbers start afresh, so that the next open does not report it again.
  const goesOnAt = Math.max(lastNumber, lastNumberMin)
  return { lastNumber: goesOnAt, denseFrom: isHoled ? goesOnAt + 1 : denseFrom, isHoled }
}

interface LogRows {
  readonly tail: TailRow | undefined
  readonly hasTail: boolean
  readonly segments: readonly (SegmentRow | undefined)[]
  readonly quarantine: readonly KeyValueEntry[]
}

async function readLog(
  store: KeyValueStore,
  row: LogRow,
  rows: LogRows,
): Promise<{
  readonly log: Omit<TableLog, 'producers'>
  readonly repairs: readonly KeyValueOperation[]
}> {
  const { logId } = row
  if (!rows.hasTail && rows.segments.length === 0)
    return soundLog(row, new LogTable(logId, offset(0)), [])
  const missesRows = rows.quarantine.some(({ value }) => value.length === 0)
  const table = missesRows ? undefined : await readSound(store, logId, rows)
  const quarantined = await stillThere(store, rows.quarantine)
  if (table !== undefined) return soundLog(row, table, quarantined)
  return readDamaged(store, row, { ...rows, quarantined })
}

function soundLog(
  row: LogRow,
  table: LogTable,
  quarantined: readonly Extent[],
): { readonly log: Omit<TableLog, 'producers'>; readonly repairs: readonly KeyValueOperation[] } {
  return { log: { row, table, isDamaged: false, quarantined }, repairs: [] }
}

/** The quarantined extents that are still a part of their log. */
async function stillThere(
  store: KeyValueStore,
  quarantine: readonly KeyValueEntry[],
): Promise<readonly Extent[]> {
  const extents: Extent[] = []
  for (const { key, value } of quarantine) {
    const row = { key: extentKey('extent', idOf(key), lastOffsetOf(key)), value }
    const extent = decodeExtent(row)
    const now = await store.get(row.key)
    // A row of the same key but another place was written later, when the log was rebuilt.
    if (extent !== undefined && now !== undefined && equalBytes(now, value)) extents.push(extent)
  }
  return extents
}

/** The log, when segments, extents and tail agree. */
async function readSound(
  store: KeyValueStore,
  logId: number,
  { tail, segments }: LogRows,
): Promise<LogTable | undefined> {
  if (tail === undefined) return undefined
  const table = new LogTable(logId, tail.start)
  let next: Offset | undefined
  const sorted = inOrder(segments)
  if (sorted === undefined) return undefined
  for (const [index, segment] of sorted.entries()) {
    const { fileId, base, sealed } = segment
    if (next !== undefined && base !== next) return undefined
    const isLast = index === sorted.length - 1
    if ((sealed === undefined) !== isLast) return undefined
    const built = sealed === undefined ? await readSegment(store, logId, segment) : undefined
    if (sealed === undefined && built === undefined) return undefined
    const whole = built ?? emptySegment(fileId, base)
    if (sealed !== undefined) Object.assign(whole, { ...sealed, epochs: [...sealed.epochs] })
    table.segments.push(whole)
    table.extentCount += whole.extentCount
    next = whole.next
  }
  table.end = next ?? tail.end
  table.settledThrough = tail.settledThrough
  table.cleanedTo = tail.cleanedTo
  const agrees = table.end === tail.end && table.extentCount === tail.extentCount
  return agrees ? table : undefined
}

/** Segments by offset (file ids need not grow with it), without those that are only kept for their file. */
function inOrder(segments: LogRows['segments']): readonly SegmentRow[] | undefined {
  const sound: SegmentRow[] = []
  for (const segment of segments) {
    if (segment === undefined) return undefined
    if (segment.sealed?.extentCount !== 0) sound.push(segment)
  }
  return sound.sort((left, right) => left.base - right.base)
}

/** The unsealed segment of a log, from what its row sums up and the extents after that. */
async function readSegment(
  store: KeyValueStore,
  logId: number,
  { fileId, base, soFar }: SegmentRow,
): Promise<TableSegment | undefined> {
  const segment = emptySegment(fileId, base)
  if (soFar !== undefined) Object.assign(segment, { ...soFar, epochs: [...soFar.epochs] })
  for (const entry of await all(store, extentsFrom(logId, segment.next))) {
    const extent = decodeExtent(entry)
    const fits = extent?.first === segment.next && extent.fileId === fileId
    if (extent === undefined || !fits) return undefined
    addToSegment(segment, extent)
  }
  return segment
}

/** The log up to where it stops being gapless; what is behind goes out of service. */
async function readDamaged(
  store: KeyValueStore,
  row: LogRow,
  { tail, quarantine, quarantined }: LogRows & { readonly quarantined: readonly Extent[] },
): Promise<{
  readonly log: Omit<TableLog, 'producers'>
  readonly repairs: readonly KeyValueOperation[]
}> {
  const { logId } = row
  const entries = await all(store, rangeOfLog('extent', logId))
  const good: Extent[] = []
  const bad: KeyValueEntry[] = []
  for (const entry of entries) {
    const extent = decodeExtent(entry)
    const last = good.at(-1)
    const isNext = last === undefined || extent?.first === last.next
    if (extent !== undefined && isNext && bad.length === 0) good.push(extent)
    else bad.push(entry)
  }
  const first = good[0]
  const start = tail?.start ?? first?.first ?? offset(0)
  const table = new LogTable(logId, start)
  table.end = first?.first ?? start
  table.settledThrough = tail?.settledThrough ?? 0
  const repairs: KeyValueOperation[] = [...table.planExtents(good).operations]
  for (const segment of await all(store, rangeOfLog('segment', logId))) {
    const isKept = table.segments.some(({ fileId }) => fileId === fileIdOf(segment.key))
    if (!isKept) repairs.push(put(keptFile(logId, segment)))
  }
  // Notes of missing rows: what they led to is being done here.
  for (const { key, value } of quarantine)
    if (value.length === 0) repairs.push({ type: 'delete', key })
  for (const entry of bad) {
    const key = extentKey('quarantine', logId, lastOffsetOf(entry.key))
    repairs.push({ type: 'delete', key: entry.key }, { type: 'put', key, value: entry.value })
  }
  repairs.push(put(table.tail()))
  // Nothing was bad: the damage was in rows that could be made again.
  const agrees = tail?.end === table.end && tail.extentCount === table.extentCount
  const isDamaged = bad.length > 0 || !agrees
  const inside = quarantined.filter(({ next }) => next <= table.end)
  return { log: { row, table, isDamaged, quarantined: inside }, repairs }
}

/** A segment all of whose extents are out of service: empty, but its file is kept. */
function keptFile(logId: number, { key }: KeyValueEntry): KeyValueEntry {
  const base = offset(0)
  const fileId = fileIdOf(key)
  return segmentRow({ logId, fileId, base, sealed: emptySegment(fileId, base) })
}

async function all(store: KeyValueStore, range: KeyRange): Promise<readonly KeyValueEntry[]> {
  const cursor = store.cursor(range)
  const entries: KeyValueEntry[] = []
  for (;;) {
    const some = await cursor.next(scanCount)
    if (some.length === 0) break
    entries.push(...some)
  }
  await cursor.close()
  return entries
}
