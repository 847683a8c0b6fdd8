/** The implementations that a storage contract runs on: the host's own, and the simulator's. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { levelStores } from '../../src/edge/leveldb/level-stores.ts'
import { openSimHost } from '../../src/edge/system/sim-host.ts'
import { systemFileStore } from '../../src/edge/system/system-file-store.ts'
import { type FileStore } from '../../src/engine/ports/file-store.ts'
import { type KeyValueStores } from '../../src/engine/ports/key-value-store.ts'
import { SimMachine } from '../../src/sim/sim-machine.ts'
import { SimScheduler } from '../../src/sim/sim-scheduler.ts'

/** What a test works with: both storage ports and an existing empty directory. */
export interface StorageSubject {
  readonly files: FileStore
  readonly stores: KeyValueStores
  readonly root: string
}

/** Runs one test on one implementation, and cleans up after it. */
export interface StorageImplementation {
  readonly name: string
  readonly use: (work: (subject: StorageSubject) => Promise<void>) => Promise<void>
}

/** Real files and LevelDB, and the simulated disk. */
export const storageImplementations: readonly StorageImplementation[] = [
  {
    name: 'the host',
    use: async (work: (subject: StorageSubject) => Promise<void>): Promise<void> => {
      const root = await mkdtemp(path.join(os.tmpdir(), 'sluice-contract-'))
      try {
        await work({ files: systemFileStore(), stores: levelStores(), root })
      } finally {
        await rm(root, { recursive: true, force: true })
      }
    },
  },
  {
    name: 'the simulator',
    use: async (work: (subject: StorageSubject) => Promise<void>): Promise<void> => {
      const sim = new SimScheduler({ seed: 1, host: openSimHost() })
      const { ports } = new SimMachine(sim, 'one').start()
      await sim.run(async () => {
        await ports.files.makeDirectory('/root')
        await work({ files: ports.files, stores: ports.stores, root: '/root' })
      })
    },
  },
]

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The text of bytes. */
export function text(value: Uint8Array | undefined): string {
  return value === undefined ? '(absent)' : new TextDecoder().decode(value)
}
