/**
 * Opens a directory: reads the table and the live journals, decides what counts, makes durable what
 * it is going to vouch for, starts a fresh journal life, and brings what the journal holds back
 * into memory. Only then is anything reported.
 */
import { type DirectoryId } from '../../base/id.ts'
import { type DirectoryReport, type UncleanLog } from '../../core/api/register-broker.ts'
import { StorageFault } from '../ports/fault.ts'
import { mapBounded } from '../runtime/gate.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { CommitMark } from './commit-mark.ts'
import { DirectoryLife, type LifeParts } from './directory-life.ts'
import { type OpenLogDirectory } from './directory-options.ts'
import { type LogState } from './log-state.ts'
import { put } from './log-table.ts'
import { readMarker, writeMarker, type Marker } from './marker.ts'
import { guardWith } from './guard.ts'
import { type FlushMode } from './partition-log.ts'
import { readRing, type RingImage } from './read-journal.ts'
import { readTable, type TableImage, type TableLog } from './read-table.ts'
import { replay } from './replay.ts'
import { logRow, type LogRow } from './rows.ts'
import { bodiesAreSound, describeRun } from './run.ts'
import { type FoundGroup } from './scan-journal.ts'
import { segmentHeaderBytes, SegmentFiles } from './segment-files.ts'

/** A directory that is open. */
export interface Recovered {
  readonly life: DirectoryLife
  readonly marker: Marker
  readonly report: DirectoryReport
  /** Segment files that nothing names: reported, never used. */
  readonly strayFiles: readonly number[]
}

interface Opening {
  readonly options: OpenLogDirectory
  readonly directoryId: DirectoryId
  readonly files: SegmentFiles
  readonly mark: CommitMark
  readonly image: TableImage
  readonly rings: RingImage[]
  readonly wasClean: boolean
  readonly isOtherBoot: boolean
  /** A write failed in this boot. */
  readonly hasFailed: boolean
  /** Segment files that were there before anything was made. */
  readonly foundFiles: readonly number[]
}

const modes: readonly FlushMode[] = ['ack', 'interval']
const syncsAtOnce = 8

/** Recovers what is in a directory; the caller holds its lock. */
export async function recover(
  options: OpenLogDirectory,
  calls: Pick<LifeParts, 'failed' | 'wrote'>,
): Promise<Recovered> {
  const { ports, path } = options
  const marker = await readMarker(ports.files, path)
  assertOurs(marker, options)
  const bootId = await ports.files.bootId()
  const wasClean = marker.state.type === 'stopped'
  const isOtherBoot = marker.state.type !== 'stopped' && marker.state.bootId !== bootId
  const hasFailed = marker.state.type === 'failed' && !isOtherBoot
  const running: Marker = { ...marker, state: { type: 'running', bootId } }
  if (wasClean) await writeMarker(ports.files, path, running)
  const closers: (() => Promise<void>)[] = []
  try {
    const opened: { life?: DirectoryLife } = {}
    const lifecycle = new Lifecycle(ports.telemetry, (_, cause) => opened.life?.fail(cause))
    const guard = guardWith(
      () => opened.life?.assertSound(),
      (cause) => opened.life?.fail(cause),
    )
    const { clock } = ports
    const mark = await CommitMark.open(ports.files, path, { clock, lifecycle, guard })
    closers.push(async () => mark.close())
    const store = await ports.stores.open(`${path}/table`, { create: false })
    closers.push(async () => store.close())
    const files = segmentFilesOf(options, marker, lifecycle)
    closers.push(async () => files.close())
    const lastNumberMin = mark.state().tableNumber
    const image = await readTable(store, { path, lastNumberMin })
    const foundFiles = await files.list()
    const { directoryId } = marker
    const opening: Opening = {
      options,
      directoryId,
      files,
      mark,
      image,
      rings: [],
      wasClean,
      isOtherBoot,
      hasFailed,
      foundFiles,
    }
    closers.push(async () => closeRings(opening.rings))
    for (const mode of modes) opening.rings.push(await readMode(mode, opening))
    await syncAll(opening)
    skipIds(opening)
    const { strayFiles, emptyFiles } = await findStrays(opening)
    const life = new DirectoryLife({
      ...{ options, directoryId, lifecycle, guard, mark, store, files },
      lastTableNumber: image.lastNumber,
      denseFrom: image.denseFrom,
      mayMissLogs: image.mayMissLogs,
      ...calls,
    })
    opened.life = life
    closers.push(async () => life.close())
    await bringBack(opening, life)
    await life.rows.removeFiles([...image.doomedFiles, ...emptyFiles])
    if (!wasClean) await writeMarker(ports.files, path, running)
    const uncleanLogs = life.all().flatMap(({ state }) => uncleanLog(state))
    const { mayMissLogs } = image
    const report = { directoryId, wasClean, uncleanLogs, mayMissLogs }
    return { life, marker: running, report, strayFiles }
  } catch (cause) {
    for (const close of closers.reverse()) await close()
    throw cause
  }
}

function segmentFilesOf(
  { ports, path, settings }: OpenLogDirectory,
  { directoryId }: Marker,
  lifecycle: Lifecycle,
): SegmentFiles {
  const { openFilesMax } = settings
  const directory = `${path}/segments`
  return new SegmentFiles({ files: ports.files, directory, directoryId, openFilesMax, lifecycle })
}

function assertOurs(marker: Marker, { path, clusterId, nodeId }: OpenLogDirectory): void {
  if (marker.clusterId !== clusterId)
    throw new StorageFault(
      'denied',
      `${path} belongs to cluster ${marker.clusterId}, this node to ${clusterId}`,
    )
  if (marker.nodeId !== nodeId)
    throw new StorageFault('denied', `${path} belongs to node ${marker.nodeId}, this is ${nodeId}`)
}

async function readMode(mode: FlushMode, opening: Opening): Promise<RingImage> {
  const { options, mark, files, image, wasClean, isOtherBoot, hasFailed } = opening
  const directory = `${options.path}/journal`
  const settledThrough = new Map<number, number>()
  for (const { row, table } of image.logs)
    if (row.flush === mode) settledThrough.set(row.logId, table.settledThrough)
  return readRing(
    options.ports.files,
    { directory, directoryId: opening.directoryId, mode, isOurs: true },
    {
      mark: mark.state().rings[mode],
      wasClean,
      mayHaveHoles: mode === 'interval' && isOtherBoot,
      trustsOnlyMark: hasFailed,
      rangesAreSound: async (group) => rangesAreSound(group, files, settledThrough),
      lastSettled: lastSettled(image, mode),
    },
  )
}

/** The highest group of a mode that a row names. */
function lastSettled({ logs, dropped }: TableImage, mode: FlushMode): number {
  let last = 0
  for (const { row, table } of logs)
    if (row.flush === mode) last = Math.max(last, table.settledThrough)
  for (const { flush, droppedBy } of dropped)
    if (flush === mode) last = Math.max(last, droppedBy ?? 0)
  return last
}

/** Only ranges that the table does not reflect count: files of the others may be gone by now. */
async function rangesAreSound(
  group: FoundGroup,
  files: SegmentFiles,
  settledThrough: ReadonlyMap<number, number>,
): Promise<boolean> {
  for (const entry of group.entries) {
    const settled = settledThrough.get(entry.logId)
    if (entry.kind !== 'extent' || settled === undefined || group.number <= settled) continue
    const { run, position } = entry
    const bytes = await bytesAt(files, entry.fileId, position, run.length)
    if (bytes === undefined || describeRun([bytes], run.first)?.headersCrc !== run.headersCrc)
      return false
    if (!bodiesAreSound(bytes)) return false
  }
  return true
}

async function bytesAt(
  files: SegmentFiles,
  fileId: number,
  position: number,
  length: number,
): Promise<Uint8Array | undefined> {
  try {
    const handle = await files.acquire(fileId)
    const bytes = await handle.file.read(position, length)
    files.release(handle)
    return bytes
  } catch (cause) {
    if (cause instanceof StorageFault && cause.code === 'not-found') return undefined
    throw cause
  }
}

/** Recovered is not durable: what was read may be in the page cache alone. */
async function syncAll({ options, files, rings, foundFiles }: Opening): Promise<void> {
  const lives = rings.flatMap(({ ring }) => ring.lives)
  await mapBounded(syncsAtOnce, lives, async ({ file }) => file.file.sync())
  const present = new Set(foundFiles)
  const named = [...filesNamedBy(rings)].filter((fileId) => present.has(fileId))
  await mapBounded(syncsAtOnce, named, async (fileId) => {
    const handle = await files.acquire(fileId)
    await handle.file.sync()
    files.release(handle)
  })
  await files.syncNames()
  await options.ports.files.syncDirectory(`${options.path}/journal`)
  await options.ports.files.syncDirectory(options.path)
}

function filesNamedBy(rings: readonly RingImage[]): ReadonlySet<number> {
  const named = new Set<number>()
  const entries = rings.flatMap(({ groups }) => groups.flatMap((group) => group.entries))
  for (const entry of entries) if (entry.kind === 'extent') named.add(entry.fileId)
  return named
}

function skipIds({ mark, image, rings }: Opening): void {
  const named = [image.greatestFileId, ...filesNamedBy(rings)]
  const file = named.reduce((most, id) => Math.max(most, id))
  const life = rings.reduce((most, { ring }) => Math.max(most, ring.lastLife), 0)
  const log = image.greatestLogId
  const bounds = mark.state().ids
  mark.skipIds({
    file: Math.max(file + 1, bounds.file),
    log: Math.max(log + 1, bounds.log),
    life: Math.max(life + 1, bounds.life),
  })
}

/** Starts fresh journal lives, then puts logs and journals together. */
async function bringBack(opening: Opening, life: DirectoryLife): Promise<void> {
  const { options, image, rings, mark } = opening
  const logs = image.logs.map((log) => ({ ...log, row: judged(log, opening) }))
  // Before anything is cut for good: a crash from here on must not forget who cannot be vouched for.
  const unclean = logs.filter(({ row }, index) => row !== image.logs[index]?.row)
  const operations = [...image.repairs, ...unclean.map(({ row }) => put(logRow(row)))]
  life.table.enqueue({ log: undefined, act: { type: 'rows', operations }, holds: [] })
  await life.table.sync()
  const opened = []
  for (const ring of rings) {
    const isUsed = ring.mode === 'ack' || ring.ring.fileCount > 0
    if (isUsed) opened.push({ image: ring, ring: await life.openRing(ring.mode, ring.ring) })
  }
  for (const { row } of logs) await life.commitOf(row.flush)
  for (const log of logs) life.addLog(log)
  for (const each of opened) {
    const broken = await replay(each.image, each.ring, {
      logs: life.logs,
      table: life.table,
      settler: life.settler,
      telemetry: options.ports.telemetry,
      holdsMore: (bytes) => {
        life.holdsMore(bytes)
      },
    })
    if (broken.size > 0) await life.rows.setUnclean([...broken], 'corrupt')
  }
  await life.table.flush()
  life.forgetReplayedDrops()
  for (const { ring } of opened) {
    const { floor } = mark.state().rings[ring.mode]
    mark.noteRing(ring.mode, { answered: ring.lastGroup(), floor })
  }
  await mark.writeBoth()
  for (const { ring } of opened) await ring.beginRetiring()
  life.rows.noteDropped(image.dropped)
  life.rows.forgetDropped()
}

/** The row of a log, with what is known against it before its journal is read. */
function judged({ row, isDamaged }: TableLog, opening: Opening): LogRow {
  const { image, rings, isOtherBoot, hasFailed } = opening
  const isHoled = rings.some((ring) => ring.mode === row.flush && ring.isHoled)
  if (isDamaged || image.isHoled || hasFailed || isHoled) return { ...row, unclean: 'corrupt' }
  if (row.flush === 'interval' && isOtherBoot && row.unclean === undefined)
    return { ...row, unclean: 'interval' }
  return row
}

/** Files that no row and no journal names: those with batches in them, and those without. */
async function findStrays({ files, image, rings, options, foundFiles }: Opening): Promise<{
  readonly strayFiles: readonly number[]
  readonly emptyFiles: readonly number[]
}> {
  const named = new Set(image.doomedFiles)
  for (const { table } of image.logs) for (const { fileId } of table.segments) named.add(fileId)
  for (const fileId of filesNamedBy(rings)) named.add(fileId)
  const strayFiles: number[] = []
  const emptyFiles: number[] = []
  for (const fileId of foundFiles) {
    if (named.has(fileId)) continue
    const isEmpty = (await files.sizeOf(fileId)) <= segmentHeaderBytes
    if (isEmpty) emptyFiles.push(fileId)
    else strayFiles.push(fileId)
  }
  if (strayFiles.length > 0)
    options.ports.telemetry.log('warn', 'stray-segments', { path: options.path, strayFiles })
  return { strayFiles, emptyFiles }
}

function uncleanLog(state: LogState): readonly UncleanLog[] {
  const { unclean, topicId, partition, end } = state
  const reason = unclean ?? damageOf(state)
  if (reason === undefined || state.role === 'future') return []
  const lastEpoch = state.epochs.lastEpoch()
  const log = { topicId, partition, reason, endOffset: end }
  return [lastEpoch === undefined ? log : { ...log, lastEpoch }]
}

function damageOf({ damaged }: LogState): UncleanLog['reason'] | undefined {
  return damaged.length === 0 ? undefined : 'damaged'
}

async function closeRings(rings: readonly RingImage[]): Promise<void> {
  for (const { ring } of rings) {
    for (const { file } of ring.lives) await file.file.close()
    for (const { file } of ring.freeFiles) await file.close()
  }
}
