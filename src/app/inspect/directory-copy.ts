/**
 * A log directory opened by its copy, so that a running node is not disturbed and nothing of the
 * original changes: the copy is recovered like any directory, and removed afterwards.
 */
import { copyFile, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { settings, type Settings } from '../../core/config/settings.ts'
import { markName } from '../../engine/storage/commit-mark.ts'
import { LogDirectory } from '../../engine/storage/log-directory.ts'
import { markerName, readMarker } from '../../engine/storage/marker.ts'
import {
  dataStorageSettings,
  metadataStorageSettings,
  type StorageSettings,
} from '../../engine/storage/storage-settings.ts'
import { storagePorts } from '../server/storage-ports.ts'

/** The folder of the segment table in a log directory. */
export const tableFolder = 'table'

const copyTriesMax = 20

/** What is copied and how it is opened. */
export interface CopyOptions {
  readonly kind: 'data' | 'metadata'
  /** Segment files that are left out, by name. Default: none. */
  readonly without?: (fileName: string) => boolean
}

/** Copies the directory at a path, calls `look` with the copy opened, and removes it. */
export async function withDirectoryCopy<T>(
  path: string,
  options: CopyOptions,
  look: (directory: LogDirectory) => Promise<T>,
): Promise<T> {
  const ports = storagePorts()
  const { clusterId, nodeId } = await readMarker(ports.files, resolve(path))
  const copy = await mkdtemp(join(tmpdir(), 'sluice-copy-'))
  try {
    await copyDirectory(path, copy, options.without ?? (() => false))
    const settingsOfKind = storageSettingsOf(options.kind)
    const opening = { ports, path: copy, clusterId, nodeId, settings: settingsOfKind }
    const directory = await LogDirectory.open(opening)
    try {
      return await look(directory)
    } finally {
      await directory.close()
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

/**
 * The order is that in which a running node makes its files depend on each other: what the mark says
 * is in the journal that is copied after it, and what the table names in the segments.
 */
async function copyDirectory(
  from: string,
  to: string,
  without: (fileName: string) => boolean,
): Promise<void> {
  for (const name of [markerName, markName]) await copyFile(join(from, name), join(to, name))
  await cp(join(from, 'journal'), join(to, 'journal'), { recursive: true })
  await mkdir(join(to, tableFolder))
  await copyTable(join(from, tableFolder), join(to, tableFolder))
  await mkdir(join(to, 'segments'))
  for (const name of await readdir(join(from, 'segments')))
    if (!without(name)) await copyFile(join(from, 'segments', name), join(to, 'segments', name))
}

/**
 * LevelDB replaces files while it runs, so a copy counts only if the names were the same before and
 * after it: then every file that the copied manifest names is there.
 */
export async function copyTable(from: string, to: string): Promise<void> {
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

/** Every key with its own default; a copy has no reserve to keep. */
function storageSettingsOf(kind: CopyOptions['kind']): StorageSettings {
  const defaults = Object.fromEntries(
    Object.entries(settings).map(([key, declaration]) => [key, declaration.default]),
  ) as Settings
  if (kind === 'metadata') return metadataStorageSettings(defaults)
  return { ...dataStorageSettings(defaults), reserveBytes: 0 }
}
