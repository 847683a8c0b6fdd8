/**
 * The rows of a log directory's segment table, beside a running node: the LevelDB folder is copied
 * and the copy opened. What is only in the journal yet (the newest records) is not in the table.
 */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type KeyValueEntry, type KeyValueStore } from '../../engine/ports/key-value-store.ts'
import { decodeExtent } from '../../engine/storage/extent.ts'
import { rangeOfKind, type RowKind } from '../../engine/storage/keys.ts'
import { readMarker } from '../../engine/storage/marker.ts'
import { decodeLogRow, decodeSegmentRow, decodeTailRow } from '../../engine/storage/rows.ts'
import { storagePorts } from '../server/storage-ports.ts'

/** One row, readable. `broken` rows fail their own CRC. */
export interface DumpedRow {
  readonly row: 'directory' | 'log' | 'tail' | 'segment' | 'extent' | 'quarantine' | 'broken'
  readonly [field: string]: unknown
}

const tableFolder = 'table'
const scanCount = 1000
const copyTriesMax = 20

/** Every row of the directory at a path, logs first; rejects with a sentence when it is none. */
export async function dumpLogDirectory(path: string): Promise<readonly DumpedRow[]> {
  const ports = storagePorts()
  const marker = await readMarker(ports.files, resolve(path))
  const copy = await mkdtemp(join(tmpdir(), 'sluice-dump-'))
  try {
    await copyTable(join(path, tableFolder), copy)
    const store = await ports.stores.open(copy, { create: false })
    try {
      return [{ row: 'directory', ...marker }, ...(await dump(store))]
    } finally {
      await store.close()
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

/**
 * LevelDB replaces files while it runs, so a copy counts only if the names were the same before and
 * after it: then every file that the copied manifest names is there.
 */
async function copyTable(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const before = await readdir(from)
    const isWhole = await Promise.all(
      before
        .filter((name) => name !== 'LOCK')
        .map(async (name) => copyFile(join(from, name), join(to, name))),
    ).then(
      () => true,
      () => false,
    )
    const after = await readdir(from)
    if (isWhole && before.join('/') === after.join('/')) return
    if (tries >= copyTriesMax)
      throw new Error(
        `The table in ${from} changes too fast to be copied: try again, or stop the node.`,
      )
    await Promise.all((await readdir(to)).map(async (name) => rm(join(to, name))))
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
