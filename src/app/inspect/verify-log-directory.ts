/**
 * Checks a log directory, of a stopped node or beside a running one: the marker, every row of the
 * segment table, that each log is gapless, every segment file's header, and of every extent the
 * headers against its row and each batch's CRC. What only the journal has yet is not looked at.
 */
import { join, resolve } from 'node:path'
import { StorageFault } from '../../engine/ports/fault.ts'
import { type FileStore } from '../../engine/ports/file-store.ts'
import { bodiesAreSound, describeRun } from '../../engine/storage/run.ts'
import { segmentFileName } from '../../engine/storage/segment-files.ts'
import { type DumpedExtent, readLogTables } from './dump-log-directory.ts'
import { storagePorts } from '../server/storage-ports.ts'

/** Something that is wrong. */
export interface Finding {
  readonly what: 'directory' | 'row' | 'log' | 'file' | 'extent'
  readonly name: string
  readonly problem: string
}

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
  const { extents, brokenRows, logNames } = await readLogTables(path)
  const findings: ExtentFinding[] = brokenRows.map((name) => ({ what: 'row', name, problem: 'its CRC is wrong' })) // prettier-ignore
  findings.push(...gapsIn(extents, logNames))
  const allBytes = extents.reduce((sum, { length }) => sum + length, 0)
  let bytes = 0
  for (const extent of extents) {
    const problem = await problemOf(files, join(resolve(path), 'segments'), extent)
    const name = `${logNames.get(extent.logId) ?? `log ${extent.logId}`} offsets ${extent.first} to ${extent.next - 1}, file ${extent.fileId} at ${extent.position}`
    if (problem !== undefined) findings.push({ what: 'extent', name, problem, key: keyOf(extent) })
    bytes += extent.length
    progress(bytes, allBytes)
  }
  return {
    logCount: logNames.size,
    extentCount: extents.length,
    bytes,
    findings: findings.length === 0 ? [] : await stillThere(path, findings),
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

/** Extents of a log follow each other; after compaction one may begin later, never earlier. */
function gapsIn(
  extents: readonly DumpedExtent[],
  logNames: ReadonlyMap<number, string>,
): readonly Finding[] {
  const ends = new Map<number, number>()
  const findings: Finding[] = []
  for (const { logId, first, next } of extents) {
    const end = ends.get(logId)
    if (end !== undefined && first < end) {
      const name = logNames.get(logId) ?? `log ${logId}`
      findings.push({ what: 'log', name, problem: `two rows hold offset ${first}` })
    }
    ends.set(logId, next)
  }
  return findings
}

async function problemOf(
  files: FileStore,
  directory: string,
  { fileId, position, length, headersCrc, first }: DumpedExtent,
): Promise<string | undefined> {
  const path = `${directory}/${segmentFileName(fileId)}`
  try {
    const file = await files.open(path, { mode: 'read' })
    const bytes = await file.read(position, length)
    await file.close()
    if (bytes.length < length) return `${path} ends after ${position + bytes.length} bytes`
    if (describeRun([bytes], first)?.headersCrc !== headersCrc) return 'its batch headers are others than its row says' // prettier-ignore
    return bodiesAreSound(bytes) ? undefined : 'the CRC of a batch is wrong'
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    return cause.message
  }
}
