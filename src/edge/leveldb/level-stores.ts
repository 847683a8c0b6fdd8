/**
 * The key-value port over LevelDB (`level`). A database is created only when the caller says so,
 * never repaired, and opened without compression: its values are small rows. Memory per open
 * database is at most two write buffers and the block cache.
 */
import { access, open } from 'node:fs/promises'
import path from 'node:path'
import { Level } from 'level'
import { StorageFault } from '../../engine/ports/fault.ts'
import {
  type KeyRange,
  type KeyValueCursor,
  type KeyValueEntry,
  type KeyValueOperation,
  type KeyValueStore,
  type KeyValueStores,
} from '../../engine/ports/key-value-store.ts'
import { faulting } from './level-fault.ts'

/** Sizes of each database, in bytes. */
export interface LevelSizes {
  /** Default 1 MiB. */
  readonly writeBufferBytes?: number
  /** Default 1 MiB. */
  readonly cacheBytes?: number
}

type Bytes = Level<Uint8Array, Uint8Array>

const mib = 1024 * 1024
/** With the default of 16 KiB an iterator hands out one 64 KiB value a call. */
const readAheadBytes = mib
const openFilesMax = 64

/** Databases of the host. */
export function levelStores(sizes: LevelSizes = {}): KeyValueStores {
  return { open: async (at, how) => openLevel(at, how.create, sizes) }
}

async function openLevel(at: string, isNew: boolean, sizes: LevelSizes): Promise<KeyValueStore> {
  // LevelDB itself would make the directory before it finds out, and opens empty without CURRENT.
  const isThere = await access(path.join(at, 'CURRENT')).then(
    () => true,
    () => false,
  )
  if (isNew && isThere) throw new StorageFault('exists', `${at} is a database already`)
  if (!isNew && !isThere) throw new StorageFault('not-found', `no database at ${at}`)
  const level: Bytes = new Level(at, {
    createIfMissing: isNew,
    errorIfExists: isNew,
    compression: false,
    writeBufferSize: sizes.writeBufferBytes ?? mib,
    cacheSize: sizes.cacheBytes ?? mib,
    maxOpenFiles: openFilesMax,
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
  })
  await faulting(`open ${at}`, async () => {
    await level.open()
    // LevelDB renames CURRENT and does not sync that; all that comes later builds on it.
    const directory = await open(at)
    await directory.sync().finally(async () => directory.close())
  })
  return new LevelStore(at, level)
}

class LevelStore implements KeyValueStore {
  readonly #path: string
  readonly #level: Bytes

  constructor(at: string, level: Bytes) {
    this.#path = at
    this.#level = level
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return faulting(`get from ${this.#path}`, async () => this.#level.get(key))
  }

  async batch(
    operations: readonly KeyValueOperation[],
    options: { readonly sync: boolean },
  ): Promise<void> {
    const batch = operations.map((operation) =>
      operation.type === 'put'
        ? { type: 'put' as const, key: operation.key, value: operation.value }
        : { type: 'del' as const, key: operation.key },
    )
    await faulting(`write to ${this.#path}`, async () => this.#level.batch(batch, options))
  }

  async scan(range: KeyRange, countMax: number): Promise<readonly KeyValueEntry[]> {
    return faulting(`scan ${this.#path}`, async () => {
      const found = await this.#level.iterator({ ...bounds(range), limit: countMax }).all()
      return found.map(([key, value]) => ({ key, value }))
    })
  }

  cursor(range: KeyRange): KeyValueCursor {
    const iterator = this.#level.iterator(bounds(range))
    return {
      next: async (countMax) =>
        faulting(`scan ${this.#path}`, async () => {
          const found = await iterator.nextv(countMax)
          return found.map(([key, value]) => ({ key, value }))
        }),
      close: async () => iterator.close(),
    }
  }

  async close(): Promise<void> {
    await faulting(`close ${this.#path}`, async () => this.#level.close())
  }
}

function bounds(range: KeyRange): {
  readonly gte: Uint8Array
  readonly lt: Uint8Array
  readonly reverse: boolean
  readonly highWaterMarkBytes: number
} {
  return {
    gte: range.from,
    lt: range.to,
    reverse: range.reverse ?? false,
    highWaterMarkBytes: readAheadBytes,
  }
}
