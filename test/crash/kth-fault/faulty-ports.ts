/**
 * Storage ports that fail once, at the k-th act of a kind, and pass everything else on: for real
 * files and LevelDB as for the simulator's. After the fault they count who writes to what failed.
 */
import { concatBytes } from '../../../src/base/bytes.ts'
import { StorageFault } from '../../../src/engine/ports/fault.ts'
import { type File, type FileStore } from '../../../src/engine/ports/file-store.ts'
import {
  type KeyValueStore,
  type KeyValueStores,
} from '../../../src/engine/ports/key-value-store.ts'

/** `torn`: a write leaves a part of its bytes; `sync`: the bytes are there, and may be gone. */
export type FaultKind = 'no-space' | 'io' | 'sync' | 'torn'

/** All of them. */
export const faultKinds: readonly FaultKind[] = ['no-space', 'io', 'sync', 'torn']

/** Fails the `k`-th write, or sync, of both ports. */
export class FaultyPorts {
  readonly files: FileStore
  readonly stores: KeyValueStores
  readonly #kind: FaultKind
  #left: number
  #hasFailed = false

  constructor(
    under: { readonly files: FileStore; readonly stores: KeyValueStores },
    fault: { readonly kind: FaultKind; readonly k: number },
  ) {
    this.#kind = fault.kind
    this.#left = fault.k
    this.files = this.#filesOver(under.files)
    this.stores = {
      open: async (path, how) => this.#storeOver(await under.stores.open(path, how), path),
    }
  }

  /** Whether the k-th act came. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  #filesOver(files: FileStore): FileStore {
    return {
      ...files,
      open: async (path, how) => {
        if (how.mode === 'create') this.#meet('name', path)
        return this.#fileOver(await files.open(path, how), path, how.durable ?? false)
      },
      makeDirectory: async (path) => files.makeDirectory(path),
      rename: async (from, to) => {
        this.#meet('name', from)
        await files.rename(from, to)
      },
      syncDirectory: async (path) => {
        this.#meet('sync', path)
        await files.syncDirectory(path)
      },
    }
  }

  #fileOver(file: File, path: string, isDurable: boolean): File {
    return {
      ...file,
      read: async (position, length) => file.read(position, length),
      size: async () => file.size(),
      close: async () => file.close(),
      allocate: async (length) => {
        this.#meet('write', path)
        await file.allocate(length)
      },
      sync: async () => {
        this.#meet('sync', path)
        await file.sync()
      },
      write: async (position, slices) => {
        try {
          this.#meet('write', path)
        } catch (cause) {
          const bytes = concatBytes(slices)
          if (this.#kind === 'torn')
            await file.write(position, [bytes.subarray(0, Math.floor(bytes.length * 0.6))])
          throw cause
        }
        await file.write(position, slices)
        if (isDurable) this.#meet('sync', path)
      },
    }
  }

  #storeOver(store: KeyValueStore, path: string): KeyValueStore {
    return {
      get: async (key) => store.get(key),
      scan: async (range, countMax) => store.scan(range, countMax),
      cursor: (range) => store.cursor(range),
      close: async () => store.close(),
      batch: async (operations, options) => {
        this.#meet('write', path)
        await store.batch(operations, options)
        if (options.sync) this.#meet('sync', path)
      },
    }
  }

  #meet(act: 'write' | 'sync' | 'name', path: string): void {
    if (this.#hasFailed) return
    const counts = this.#kind === 'sync' ? act === 'sync' : act !== 'sync'
    if (!counts) return
    this.#left -= 1
    if (this.#left > 0) return
    this.#hasFailed = true
    const code = this.#kind === 'no-space' ? 'no-space' : 'io'
    throw new StorageFault(code, `${this.#kind} at ${act} of ${path}`)
  }
}
