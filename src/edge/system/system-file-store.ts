/**
 * The host's file system behind the file port. Nothing is cached and nothing is retried: what fails
 * is a `StorageFault` for the owner of the file to judge.
 */
import { constants, type Stats } from 'node:fs'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type FileStore, type OpenFile } from '../../engine/ports/file-store.ts'
import { lockDirectory } from './directory-lock.ts'
import { faulting, systemCodeOf } from './file-fault.ts'
import { SystemFile } from './system-file.ts'

/** The file port over `node:fs`. */
export function systemFileStore(): FileStore {
  return {
    open: async (file, how) =>
      faulting(`open ${file}`, async () => new SystemFile(file, await fs.open(file, flagsOf(how)))),
    list: async (directory) =>
      faulting(`list ${directory}`, async () => (await fs.readdir(directory)).sort()),
    makeDirectory,
    syncDirectory,
    rename: async (from, to) => faulting(`rename ${from}`, async () => fs.rename(from, to)),
    remove: async (file) =>
      faulting(`remove ${file}`, async () => fs.rm(file, { recursive: true, force: true })),
    exists: async (file) => faulting(`stat ${file}`, async () => (await stat(file)) !== undefined),
    space: async (file) =>
      faulting(`statfs ${file}`, async () => {
        const { bavail, blocks, bsize } = await fs.statfs(file)
        return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
      }),
    lock: lockDirectory,
    bootId,
  }
}

function flagsOf(how: OpenFile): number {
  const access = how.mode === 'read' ? constants.O_RDONLY : constants.O_RDWR
  const creation = how.mode === 'create' ? constants.O_CREAT | constants.O_EXCL : 0
  return access | creation | (how.durable === true ? constants.O_DSYNC : 0)
}

async function stat(file: string): Promise<Stats | undefined> {
  try {
    return await fs.stat(file)
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT' || systemCodeOf(cause) === 'ENOTDIR') return undefined
    throw cause
  }
}

/** Creates what is missing, outermost first, and syncs the parent of each directory it created. */
async function makeDirectory(directory: string): Promise<void> {
  await faulting(`create ${directory}`, async () => {
    const missing: string[] = []
    for (let at = directory; (await stat(at)) === undefined; at = path.dirname(at)) missing.push(at)
    for (const each of missing.reverse()) {
      await fs.mkdir(each).catch((cause: unknown) => {
        if (systemCodeOf(cause) !== 'EEXIST') throw cause
      })
      await syncDirectory(path.dirname(each))
    }
    if ((await stat(directory))?.isDirectory() !== true)
      throw Object.assign(new Error('it is a file'), { code: 'EEXIST' })
  })
}

async function syncDirectory(directory: string): Promise<void> {
  await faulting(`sync ${directory}`, async () => {
    const handle = await fs.open(directory, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  })
}

/**
 * Linux gives each boot an id. Elsewhere the time of the boot stands for it, in steps of ten
 * seconds, since it is computed from two clocks that drift.
 */
async function bootId(): Promise<string> {
  try {
    return (await fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  } catch {
    const bootedAtSeconds = Date.now() / 1000 - os.uptime()
    return `${os.hostname()}@${Math.round(bootedAtSeconds / 10)}`
  }
}
