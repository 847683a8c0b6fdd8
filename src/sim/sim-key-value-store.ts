/**
 * The key-value port of one simulated process, over the databases on its machine's disk. Batches
 * complete in the order of their calls, as LevelDB's single log makes them.
 */
import { StorageFault } from '../engine/ports/fault.ts'
import {
  type KeyRange,
  type KeyValueCursor,
  type KeyValueEntry,
  type KeyValueOperation,
  type KeyValueStore,
  type KeyValueStores,
} from '../engine/ports/key-value-store.ts'
import { type BatchFate, indexFrom, orderOf, type Row, SimDatabase } from './sim-database.ts'
import { parentOf, type SimDisk } from './sim-disk.ts'
import { type SimProcess } from './sim-process.ts'

interface On {
  readonly disk: SimDisk
  readonly process: SimProcess
}

/** The databases of a machine as one process opens them. */
export function simKeyValueStores(disk: SimDisk, process: SimProcess): KeyValueStores {
  const on = { disk, process }
  return {
    open: async (path, how) =>
      new Promise((resolve, reject) => {
        process.after(disk.latencyMs('sync'), () => {
          try {
            resolve(openStore(on, path, how.create))
          } catch (cause) {
            reject(cause instanceof Error ? cause : new Error(String(cause)))
          }
        })
      }),
  }
}

function openStore(on: On, path: string, isNew: boolean): KeyValueStore {
  const { disk, process } = on
  const entry = disk.find(path)
  if (isNew) {
    if (entry?.type === 'database')
      throw new StorageFault('exists', `${path} is a database already`)
    if (!disk.hasRoom(0)) throw new StorageFault('no-space', `no space for a database at ${path}`)
    const database = new SimDatabase()
    disk.change([parentOf(path)], (names) => names.set(path, { type: 'database', database }))
    disk.lock(path, process)
    return new SimKeyValueStore(on, path, database)
  }
  if (entry?.type !== 'database') throw new StorageFault('not-found', `no database at ${path}`)
  if (!disk.lock(path, process)) throw new StorageFault('locked', `${path} is open elsewhere`)
  entry.database.recover(disk.random)
  return new SimKeyValueStore(on, path, entry.database)
}

class SimKeyValueStore implements KeyValueStore {
  readonly #on: On
  readonly #path: string
  readonly #database: SimDatabase
  #isClosed = false
  #busyUntilMs = 0

  constructor(on: On, path: string, database: SimDatabase) {
    this.#on = on
    this.#path = path
    this.#database = database
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const order = orderOf(key)
    return this.#acting('read', () => {
      const row = this.#database.rows[indexFrom(this.#database.rows, order)]
      return row?.order === order ? row.entry.value.slice() : undefined
    })
  }

  async batch(
    operations: readonly KeyValueOperation[],
    options: { readonly sync: boolean },
  ): Promise<void> {
    const fate = this.#fateOf(operations, options.sync)
    if (this.#database.refusesWrites)
      throw new StorageFault('io', `${this.#path} refuses writes after a failed sync`)
    this.#assertOpen()
    const batch = this.#database.begin(operations)
    await this.#inOrder(options.sync ? 'sync' : 'write', () => {
      this.#database.finish(batch, { isSynced: options.sync, fate })
      if (fate === 'append-fails')
        throw new StorageFault('no-space', `injected failure of a write to ${this.#path}`)
      if (fate === 'sync-fails')
        throw new StorageFault('io', `injected failure of a sync of ${this.#path}`)
    })
  }

  async scan(range: KeyRange, countMax: number): Promise<readonly KeyValueEntry[]> {
    return this.#acting('read', () => slice(this.#database.rows, range).slice(0, countMax))
  }

  cursor(range: KeyRange): KeyValueCursor {
    this.#assertOpen()
    const snapshot = slice(this.#database.rows, range)
    let at = 0
    return {
      next: async (countMax) =>
        this.#acting('read', () => {
          const part = snapshot.slice(at, at + countMax)
          at += part.length
          return part
        }),
      close: async () => Promise.resolve(),
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    await this.#inOrder('write', () => {
      this.#isClosed = true
      this.#on.disk.unlock(this.#path, this.#on.process)
    })
  }

  #fateOf(operations: readonly KeyValueOperation[], isSynced: boolean): BatchFate {
    const { faults } = this.#on.disk
    const written = faults.meet('write', this.#path)
    const synced = isSynced ? faults.meet('sync', this.#path) : undefined
    const bytes = operations.reduce((sum, operation) => sum + operation.key.length + 64, 0)
    if (written !== undefined || !this.#on.disk.hasRoom(bytes)) return 'append-fails'
    return synced === undefined ? 'good' : 'sync-fails'
  }

  async #acting<T>(act: 'read' | 'write' | 'sync', work: () => T): Promise<T> {
    this.#assertOpen()
    return this.#after(this.#on.disk.latencyMs(act), () => {
      if (act === 'read' && this.#on.disk.faults.meet('read', this.#path) !== undefined)
        throw new StorageFault('io', `injected failure of a read of ${this.#path}`)
      return work()
    })
  }

  async #inOrder<T>(act: 'write' | 'sync', work: () => T): Promise<T> {
    this.#assertOpen()
    const nowMs = this.#on.process.scheduler.nowMs()
    this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + this.#on.disk.latencyMs(act)
    return this.#after(this.#busyUntilMs - nowMs, work)
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StorageFault('closed', `${this.#path} is closed`)
  }

  async #after<T>(delayMs: number, work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#on.process.after(delayMs, () => {
        try {
          resolve(work())
        } catch (cause) {
          reject(cause instanceof Error ? cause : new Error(String(cause)))
        }
      })
    })
  }
}

function slice(rows: readonly Row[], range: KeyRange): readonly KeyValueEntry[] {
  const from = indexFrom(rows, orderOf(range.from))
  const to = indexFrom(rows, orderOf(range.to))
  const entries = rows
    .slice(from, Math.max(from, to))
    .map(({ entry }) => ({ key: entry.key.slice(), value: entry.value.slice() }))
  return range.reverse === true ? entries.reverse() : entries
}
