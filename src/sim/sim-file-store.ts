/** The file store port of one simulated process, over the disk of its machine. */
import { StorageFault } from '../engine/ports/fault.ts'
import {
  type DirectoryLock,
  type File,
  type FileStore,
  type OpenFile,
} from '../engine/ports/file-store.ts'
import { type Names, parentOf, type SimDisk } from './sim-disk.ts'
import { type PendingWrite, type SimInode } from './sim-inode.ts'
import { type SimProcess } from './sim-process.ts'

type Act = Parameters<SimDisk['latencyMs']>[0]

/** Resolves with what `work` gives after the time that `act` takes, unless the process dies before. */
async function acting<T>(
  on: { readonly disk: SimDisk; readonly process: SimProcess },
  act: Act,
  work: () => T,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    on.process.after(on.disk.latencyMs(act), () => {
      try {
        resolve(work())
      } catch (cause) {
        reject(cause instanceof Error ? cause : new Error(String(cause)))
      }
    })
  })
}

/** The files of a machine as one process uses them. */
export function simFileStore(disk: SimDisk, process: SimProcess): FileStore {
  const on = { disk, process }
  return {
    open: async (path, how) => acting(on, 'name', () => openFile(on, path, how)),
    list: async (directory) =>
      acting(on, 'name', () => {
        if (disk.find(directory)?.type !== 'directory') throw notFound(directory)
        return disk.list(directory)
      }),
    makeDirectory: async (directory) =>
      acting(on, 'name', () => {
        makeDirectory(disk, directory)
      }),
    syncDirectory: async (directory) =>
      acting(on, 'sync', () => {
        if (disk.find(directory) === undefined) throw notFound(directory)
        failIfTold(disk, 'sync', directory)
        disk.syncDirectory(directory)
      }),
    rename: async (from, to) =>
      acting(on, 'name', () => {
        rename(disk, from, to)
      }),
    remove: async (path) =>
      acting(on, 'name', () => {
        remove(disk, path)
      }),
    exists: async (path) => acting(on, 'name', () => disk.find(path) !== undefined),
    space: async () =>
      acting(on, 'name', () => {
        const totalBytes = Math.min(disk.capacityBytes, 2 ** 40)
        return { freeBytes: Math.max(0, totalBytes - disk.usedBytes()), totalBytes }
      }),
    lock: async (directory) => acting(on, 'name', () => takeLock(on, directory)),
    bootId: async () => acting(on, 'name', () => disk.bootId()),
  }
}

function notFound(path: string): StorageFault {
  return new StorageFault('not-found', `${path} does not exist`)
}

function failIfTold(disk: SimDisk, act: 'write' | 'sync' | 'read', path: string): void {
  const code = disk.faults.meet(act, path)
  if (code !== undefined) throw new StorageFault(code, `injected ${code} on ${act} of ${path}`)
}

function makeDirectory(disk: SimDisk, directory: string): void {
  if (directory === '') return
  const parent = parentOf(directory)
  makeDirectory(disk, parent)
  const entry = disk.find(directory)
  if (entry !== undefined) {
    if (entry.type === 'directory') return
    throw new StorageFault('exists', `${directory} is not a directory`)
  }
  disk.change([parent], (names) => names.set(directory, { type: 'directory' }))
  disk.syncDirectory(parent)
}

function rename(disk: SimDisk, from: string, to: string): void {
  const entry = disk.find(from)
  if (entry === undefined) throw notFound(from)
  disk.change([parentOf(from), parentOf(to)], (names) => {
    names.delete(from)
    names.set(to, entry)
    if (entry.type === 'directory') moveBelow(names, from, to)
  })
}

function moveBelow(names: Names, from: string, to: string): void {
  for (const [path, entry] of [...names]) {
    if (!path.startsWith(`${from}/`)) continue
    names.delete(path)
    names.set(to + path.slice(from.length), entry)
  }
}

function remove(disk: SimDisk, path: string): void {
  if (disk.find(path) === undefined) return
  disk.change([parentOf(path)], (names) => {
    for (const name of [...names.keys()])
      if (name === path || name.startsWith(`${path}/`)) names.delete(name)
  })
}

function takeLock(
  on: { readonly disk: SimDisk; readonly process: SimProcess },
  directory: string,
): DirectoryLock {
  if (on.disk.find(directory) === undefined) throw notFound(directory)
  if (!on.disk.lock(directory, on.process))
    throw new StorageFault('locked', `${directory} is in use by another process`)
  return {
    release: async () =>
      acting(on, 'name', () => {
        on.disk.unlock(directory, on.process)
      }),
  }
}

function openFile(
  on: { readonly disk: SimDisk; readonly process: SimProcess },
  path: string,
  how: OpenFile,
): File {
  const { disk } = on
  const entry = disk.find(path)
  if (how.mode === 'create') {
    if (entry !== undefined) throw new StorageFault('exists', `${path} exists`)
    const parent = parentOf(path)
    if (disk.find(parent)?.type !== 'directory') throw notFound(parent)
    if (!disk.hasRoom(0)) throw new StorageFault('no-space', `no space for ${path}`)
    const inode = disk.newInode()
    disk.change([parent], (names) => names.set(path, { type: 'file', inode }))
    return new SimFile(on, { path, inode, how })
  }
  if (entry === undefined) throw notFound(path)
  if (entry.type !== 'file') throw new StorageFault('denied', `${path} is a directory`)
  return new SimFile(on, { path, inode: entry.inode, how })
}

class SimFile implements File {
  readonly #on: { readonly disk: SimDisk; readonly process: SimProcess }
  readonly #path: string
  readonly #inode: SimInode
  readonly #how: OpenFile
  #isClosed = false

  constructor(
    on: { readonly disk: SimDisk; readonly process: SimProcess },
    what: { readonly path: string; readonly inode: SimInode; readonly how: OpenFile },
  ) {
    this.#on = on
    this.#path = what.path
    this.#inode = what.inode
    this.#how = what.how
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    this.#assertOpen()
    return acting(this.#on, 'read', () => {
      failIfTold(this.#on.disk, 'read', this.#path)
      return this.#inode.read(position, length)
    })
  }

  async write(position: number, slices: readonly Uint8Array[]): Promise<void> {
    this.#assertWritable()
    const fault = this.#startWrite(position, slices)
    const isDurable = this.#how.durable === true
    await acting(this.#on, isDurable ? 'sync' : 'write', () => {
      if ('code' in fault)
        throw new StorageFault(fault.code, `injected ${fault.code} on write of ${this.#path}`)
      if (isDurable) this.#inode.settle([fault.write], position + fault.write.bytes.length)
    })
  }

  async sync(): Promise<void> {
    this.#assertOpen()
    const code = this.#on.disk.faults.meet('sync', this.#path)
    const { writes, size } = this.#inode.snapshot()
    await acting(this.#on, 'sync', () => {
      if (code === undefined) {
        this.#inode.settle(writes, size)
        return
      }
      this.#inode.forget(writes)
      throw new StorageFault(code, `injected ${code} on sync of ${this.#path}`)
    })
  }

  async size(): Promise<number> {
    this.#assertOpen()
    return acting(this.#on, 'name', () => this.#inode.size)
  }

  async allocate(length: number): Promise<void> {
    this.#assertWritable()
    const code = this.#on.disk.faults.meet('write', this.#path)
    const hasRoom = this.#on.disk.hasRoom(Math.max(0, length - this.#inode.size))
    if (code === undefined && hasRoom) this.#inode.grow(length)
    await acting(this.#on, 'write', () => {
      if (code !== undefined || !hasRoom)
        throw new StorageFault(code ?? 'no-space', `no room for ${length} bytes in ${this.#path}`)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    return Promise.resolve()
  }

  /** Takes the bytes into the page cache, or a part of them when the disk is full or failing. */
  #startWrite(
    position: number,
    slices: readonly Uint8Array[],
  ): { readonly write: PendingWrite } | { readonly code: 'no-space' | 'io' } {
    const { disk } = this.#on
    const length = slices.reduce((sum, slice) => sum + slice.length, 0)
    const told = disk.faults.meet(this.#how.durable === true ? 'sync' : 'write', this.#path)
    const lateTold = this.#how.durable === true ? disk.faults.meet('write', this.#path) : undefined
    const growth = Math.max(0, position + length - this.#inode.size)
    const code = told ?? lateTold ?? (disk.hasRoom(growth) ? undefined : 'no-space')
    if (code === undefined) return { write: this.#inode.write(position, slices) }
    if (code === 'io') {
      const write = this.#inode.write(position, slices)
      if (disk.random.chance(0.5)) this.#inode.forget([write])
    } else if (growth < length && disk.random.chance(0.5)) {
      this.#inode.write(position, partOf(slices, length - growth))
    }
    return { code }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StorageFault('closed', `${this.#path} is closed`)
  }

  #assertWritable(): void {
    this.#assertOpen()
    if (this.#how.mode === 'read') throw new StorageFault('denied', `${this.#path} is read-only`)
  }
}

function partOf(slices: readonly Uint8Array[], length: number): Uint8Array[] {
  const part: Uint8Array[] = []
  let left = length
  for (const slice of slices) {
    if (left <= 0) break
    part.push(slice.subarray(0, Math.min(left, slice.length)))
    left -= slice.length
  }
  return part
}
