/**
 * The rows of a log directory's segment table, beside a running node: the LevelDB folder is copied
 * and the copy opened. What is only in the journal yet (the newest records) is not in the table.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type DirectoryId } from '../../base/id.ts'
import { type KeyValueEntry, type KeyValueStore } from '../../engine/ports/key-value-store.ts'
import { decodeExtent, type Extent } from '../../engine/storage/extent.ts'
import { rangeOfKind, type RowKind } from '../../engine/storage/keys.ts'
import { readMarker } from '../../engine/storage/marker.ts'
import { decodeLogRow, decodeSegmentRow, decodeTailRow } from '../../engine/storage/rows.ts'
import { type SegmentOwner } from '../../engine/storage/segment-files.ts'
import { storagePorts } from '../server/storage-ports.ts'
import { copyTable, tableFolder } from './directory-copy.ts'

/** One row, readable. `broken` rows fail their own CRC. */
export interface DumpedRow {
  readonly row: 'directory' | 'log' | 'tail' | 'segment' | 'extent' | 'quarantine' | 'broken'
  readonly [field: string]: unknown
}

const scanCount = 1000

/** Every row of the directory at a path, logs first; rejects with a sentence when it is none. */
export async function dumpLogDirectory(path: string): Promise<readonly DumpedRow[]> {
  const marker = await readMarker(storagePorts().files, resolve(path))
  return [{ row: 'directory', ...marker }, ...(await onTableCopy(path, dump))]
}

/** What the segment table says of the logs of a directory. */
export interface LogTables {
  readonly directoryId: DirectoryId
  /** By log id, those that are there. */
  readonly owners: ReadonlyMap<number, SegmentOwner>
  /** Of those logs, by log and offset. */
  readonly extents: readonly DumpedExtent[]
  readonly brokenRows: readonly string[]
}

/** The row of an extent. */
export interface DumpedExtent extends Extent {
  readonly logId: number
}

/** Reads the table of the directory at a path. */
export async function readLogTables(path: string): Promise<LogTables> {
  const { directoryId } = await readMarker(storagePorts().files, resolve(path))
  return onTableCopy(path, async (store) => {
    const owners = new Map<number, SegmentOwner>()
    const brokenRows: string[] = []
    const extents: DumpedExtent[] = []
    const broken = (kind: RowKind, { key }: KeyValueEntry): void => {
      brokenRows.push(`${kind} row ${Buffer.from(key).toString('hex')}`)
    }
    for (const entry of await entriesOf(store, 'log')) {
      const log = decodeLogRow(entry)
      if (log === undefined) broken('log', entry)
      else if (log.droppedBy === undefined) owners.set(log.logId, log)
    }
    for (const kind of ['tail', 'segment'] as const)
      for (const entry of await entriesOf(store, kind))
        if (decode(kind, entry) === undefined) broken(kind, entry)
    for (const entry of await entriesOf(store, 'extent')) {
      const extent = decodeExtent(entry)
      const logId = Buffer.from(entry.key).readUInt32BE(1)
      if (extent === undefined) broken('extent', entry)
      else if (owners.has(logId)) extents.push({ logId, ...extent })
    }
    return { directoryId, owners, extents, brokenRows }
  })
}

async function onTableCopy<T>(
  path: string,
  work: (store: KeyValueStore) => Promise<T>,
): Promise<T> {
  const ports = storagePorts()
  const copy = await mkdtemp(join(tmpdir(), 'sluice-dump-'))
  try {
    await copyTable(join(path, tableFolder), copy)
    const store = await ports.stores.open(copy, { create: false })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function dump(store: KeyValueStore): Promise<readonly DumpedRow[]> {
  const rows: DumpedRow[] = []
  const kinds = ['log', 'tail', 'segment', 'extent', 'quarantine'] as const
  for (const kind of kinds) {
    for (const entry of await entriesOf(store, kind)) {
      const decoded = decode(kind, entry)
      rows.push(
        decoded === undefined
          ? { row: 'broken', kind, key: Buffer.from(entry.key).toString('hex') }
          : { row: kind, ...decoded },
      )
    }
  }
  return rows
}

function decode(kind: RowKind, entry: KeyValueEntry): object | undefined {
  const logId = entry.key.length < 5 ? undefined : Buffer.from(entry.key).readUInt32BE(1)
  switch (kind) {
    case 'log':
      return decodeLogRow(entry)
    case 'tail':
      return decodeTailRow(entry)
    case 'segment':
      return decodeSegmentRow(entry)
    default: {
      const extent = decodeExtent(entry)
      return extent === undefined ? undefined : { logId, ...extent }
    }
  }
}

async function entriesOf(store: KeyValueStore, kind: RowKind): Promise<readonly KeyValueEntry[]> {
  const cursor = store.cursor(rangeOfKind(kind))
  const entries: KeyValueEntry[] = []
  try {
    for (;;) {
      const some = await cursor.next(scanCount)
      if (some.length === 0) return entries
      entries.push(...some)
    }
  } finally {
    await cursor.close()
  }
}
