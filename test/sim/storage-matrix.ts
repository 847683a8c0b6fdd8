/** What the tests of the crash matrix are written with: worlds, writers that remember, comparisons. */
import { expect } from 'vitest'
import { concatBytes, equalBytes } from '../../src/base/bytes.ts'
import { openSimHost } from '../../src/edge/system/sim-host.ts'
import { type LogDirectory } from '../../src/engine/storage/log-directory.ts'
import { type PartitionLog } from '../../src/engine/storage/partition-log.ts'
import { type StorageSettings } from '../../src/engine/storage/storage-settings.ts'
import { makeBatch, makeLog, readAll, StorageWorld } from '../../src/sim/storage/storage-world.ts'

const host = openSimHost()
/** Nothing settles. */
export const noSettle = {
  settleBytes: 1e9,
  unsettledBytesMax: 1e9,
} satisfies Partial<StorageSettings>

/** Runs work on a fresh formatted machine. */
export async function inWorld(
  seed: string | number,
  work: (world: StorageWorld) => Promise<void>,
  options: { readonly settings?: Partial<StorageSettings>; readonly markEachGroup?: boolean } = {},
): Promise<void> {
  const world = new StorageWorld({ seed, host, ...options })
  await world.scheduler.run(async () => {
    await world.format()
    await work(world)
  })
}

/** Appends batches one after the other and remembers what was answered. */
export class Writer {
  readonly log: PartitionLog
  readonly batches: Uint8Array[] = []
  ackedCount = 0

  constructor(log: PartitionLog) {
    this.log = log
  }

  async append(count: number, bytes: number, leaderEpoch = 1): Promise<void> {
    for (let left = count; left > 0; left--) {
      const tag = `${this.batches.length} `
      const batch = makeBatch({ base: this.log.endOffset(), tag, bytes, epoch: leaderEpoch })
      this.batches.push(batch)
      await this.log.append(batch)
      this.ackedCount = this.batches.length
    }
  }
}

/** How many of the batches a log holds; they must be a prefix. */
export async function prefixOf(log: PartitionLog, batches: readonly Uint8Array[]): Promise<number> {
  const found = concatBytes(await readAll(log))
  const count: number = log.endOffset()
  expect(equalBytes(found, concatBytes(batches.slice(0, count)))).toBe(true)
  expect(log.durableOffset()).toBe(count)
  return count
}

/** Opens the directory: log `index` holds what was answered to writer `index`, and no other bytes. */
export async function expectWhole(
  world: StorageWorld,
  writers: readonly Writer[],
): Promise<LogDirectory> {
  const directory = await world.open()
  for (const [index, writer] of writers.entries()) {
    const count = await prefixOf(await makeLog(directory, index), writer.batches)
    expect(count).toBeGreaterThanOrEqual(writer.ackedCount)
    writer.batches.length = count
  }
  return directory
}

/** Lets time pass until the disk has begun so many syncs. */
export async function untilSyncs(world: StorageWorld, count: number): Promise<void> {
  const { faults } = world.machine.disk
  while (faults.count('sync') < count) await passOutside(world, 0.01)
}

/** Lets time pass, whatever happens to the process. */
export async function passOutside(world: StorageWorld, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    world.scheduler.after(ms, resolve)
  })
}

/** Bytes in all segment files. */
export function segmentBytes(world: StorageWorld): number {
  let bytes = 0
  for (const path of world.machine.disk.filePaths()) {
    const entry = world.machine.disk.find(path)
    if (path.endsWith('.segment') && entry?.type === 'file') bytes += entry.inode.size
  }
  return bytes
}
