/**
 * Checks a log directory, of a stopped node or beside a running one: the marker, every row of the
 * segment table, that the rows of each log follow each other without a gap, the header of every
 * segment file that a row names, of every extent the headers against its row and each batch's CRC,
 * and of the journal that every answered group which may still be needed is there and sound.
 */
import { join, resolve } from 'node:path'
import { equalBytes } from '../../base/bytes.ts'
import { StorageFault } from '../../engine/ports/fault.ts'
import { type FileStore } from '../../engine/ports/file-store.ts'
import { bodiesAreSound, describeRun } from '../../engine/storage/run.ts'
import {
  segmentFileName,
  segmentHeader,
  segmentHeaderBytes,
  type SegmentOwner,
} from '../../engine/storage/segment-files.ts'
import { storagePorts } from '../server/storage-ports.ts'
import { type DumpedExtent, type LogTables, readLogTables } from './dump-log-directory.ts'
import { type Finding } from './finding.ts'
import { journalFindings } from './verify-journal.ts'

/** What was looked at, and what is wrong with it. */
export interface Verified {
  readonly logCount: number
  readonly extentCount: number
  readonly bytes: number
  readonly findings: readonly Finding[]
}

/** Checks everything at `path`; `progress` hears of bytes done and to do. */
export async function verifyLogDirectory(
  path: string,
  progress: (doneBytes: number, allBytes: number) => void,
): Promise<Verified> {
  const { files } = storagePorts()
  const tables = await readLogTables(path)
  const { extents, brokenRows, owners } = tables
  const findings: ExtentFinding[] = brokenRows.map((name) => ({ what: 'row', name, problem: 'its CRC is wrong' })) // prettier-ignore
  findings.push(...gapsIn(tables))
  const allBytes = extents.reduce((sum, { length }) => sum + length, 0)
  const directory = join(resolve(path), 'segments')
  const seen = new Set<number>()
  let bytes = 0
  for (const extent of extents) {
    const key = keyOf(extent)
    const { fileId, logId } = extent
    if (!seen.has(fileId)) {
      const problem = await headerProblem(files, directory, { tables, fileId, logId })
      const name = join(directory, segmentFileName(fileId))
      if (problem !== undefined) findings.push({ what: 'file', name, problem, key })
    }
    seen.add(fileId)
    const problem = await problemOf(files, directory, extent)
    const name = `${nameOf(owners, logId)} offsets ${extent.first} to ${extent.next - 1}, file ${fileId} at ${extent.position}`
    if (problem !== undefined) findings.push({ what: 'extent', name, problem, key })
    bytes += extent.length
    progress(bytes, allBytes)
  }
  const ofTable = findings.length === 0 ? [] : await stillThere(path, findings)
  const ofJournal = await journalFindings(files, resolve(path))
  return {
    logCount: owners.size,
    extentCount: extents.length,
    bytes,
    findings: [...ofTable, ...ofJournal],
  }
}

/** A running node may have cut or dropped since what was read first: a finding counts if its row is still there. */
async function stillThere(
  path: string,
  findings: readonly ExtentFinding[],
): Promise<readonly Finding[]> {
  const { extents } = await readLogTables(path)
  const keys = new Set(extents.map(keyOf))
  return findings
    .filter(({ key }) => key === undefined || keys.has(key))
    .map(({ what, name, problem }) => ({ what, name, problem }))
}

interface ExtentFinding extends Finding {
  readonly key?: string
}

function keyOf({ logId, fileId, position, length }: DumpedExtent): string {
  return `${logId}/${fileId}/${position}/${length}`
}

function nameOf(owners: LogTables['owners'], logId: number): string {
  const owner: SegmentOwner | undefined = owners.get(logId)
  return owner === undefined ? `log ${logId}` : `${owner.topicId}-${owner.partition}`
}

/** Extents of a log follow each other; what compaction removed belongs to the extent after it. */
function gapsIn({ extents, owners }: LogTables): readonly ExtentFinding[] {
  const ends = new Map<number, number>()
  const findings: ExtentFinding[] = []
  for (const extent of extents) {
    const { logId, first, next } = extent
    const end = ends.get(logId) ?? first
    const name = nameOf(owners, logId)
    const key = keyOf(extent)
    if (first < end)
      findings.push({ what: 'log', name, problem: `two rows hold offset ${first}`, key })
    if (first > end)
      findings.push({ what: 'log', name, problem: `no row holds offsets ${end} to ${first - 1}`, key }) // prettier-ignore
    ends.set(logId, next)
  }
  return findings
}

async function headerProblem(
  files: FileStore,
  directory: string,
  of: { readonly tables: LogTables; readonly fileId: number; readonly logId: number },
): Promise<string | undefined> {
  const { tables, fileId, logId } = of
  const owner = tables.owners.get(logId)
  const bytes = await bytesIn(files, `${directory}/${segmentFileName(fileId)}`, 0, segmentHeaderBytes) // prettier-ignore
  if (typeof bytes === 'string') return bytes
  const due = owner && segmentHeader(tables.directoryId, fileId, owner)
  const isOurs = due !== undefined && equalBytes(bytes, due)
  return isOurs ? undefined : `it is not the segment of ${nameOf(tables.owners, logId)}`
}

async function problemOf(
  files: FileStore,
  directory: string,
  { fileId, position, length, headersCrc, first }: DumpedExtent,
): Promise<string | undefined> {
  const path = `${directory}/${segmentFileName(fileId)}`
  const bytes = await bytesIn(files, path, position, length)
  if (typeof bytes === 'string') return bytes
  if (bytes.length < length) return `${path} ends after ${position + bytes.length} bytes`
  if (describeRun([bytes], first)?.headersCrc !== headersCrc) return 'its batch headers are others than its row says' // prettier-ignore
  return bodiesAreSound(bytes) ? undefined : 'the CRC of a batch is wrong'
}

/** Bytes of a file, or why there are none. */
async function bytesIn(
  files: FileStore,
  path: string,
  position: number,
  length: number,
): Promise<Uint8Array | string> {
  try {
    const file = await files.open(path, { mode: 'read' })
    try {
      return await file.read(position, length)
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    return cause.message
  }
}
