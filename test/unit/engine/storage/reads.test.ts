import { expect, test } from 'vitest'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { offset } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { type PartitionLog } from '../../../../src/engine/storage/partition-log.ts'
import { type StorageSettings } from '../../../../src/engine/storage/storage-settings.ts'
import { makeBatch, makeLog, StorageWorld } from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()

/** A log of ten batches of three records, with timestamps 100, 200, …; in memory or only on disk. */
async function withLog(
  where: 'memory' | 'disk',
  work: (log: PartitionLog, batches: readonly Uint8Array[]) => Promise<void>,
): Promise<void> {
  const settings: Partial<StorageSettings> =
    where === 'disk' ? { tailCacheBytes: 0, settleBytes: 1 } : {}
  const world = new StorageWorld({ seed: where, host, settings })
  await world.scheduler.run(async () => {
    await world.format()
    const log = await makeLog(await world.open(), 0)
    const batches: Uint8Array[] = []
    for (let index = 0; index < 10; index++) {
      const batch = makeBatch({
        base: index * 3,
        count: 3,
        tag: `${index} `,
        bytes: 600,
        timestampMs: 100 * (index + 1),
      })
      batches.push(batch)
      await log.append(batch)
    }
    await world.pass(300)
    await work(log, batches)
  })
}

for (const where of ['memory', 'disk'] as const) {
  test(`a read from ${where} starts with the batch that holds the offset`, async () => {
    await withLog(where, async (log, batches) => {
      const read = await log.read({ from: offset(7), bytesMax: 1 })
      expect(concatBytes(read.slices)).toEqual(batches[2])
      expect(read.nextOffset).toBe(9)
      expect(read.bytes).toBe(batches[2]?.length)
    })
  })

  test(`a read from ${where} stays within its bounds, but gives at least one batch`, async () => {
    await withLog(where, async (log, batches) => {
      const size = batches[0]?.length ?? 0
      const two = await log.read({ from: offset(0), bytesMax: size * 2.5 })
      expect(two.nextOffset).toBe(6)
      const below = await log.read({ from: offset(0), upTo: offset(8), bytesMax: 1e6 })
      expect(below.nextOffset).toBeLessThanOrEqual(6)
      const none = await log.read({ from: offset(6), upTo: offset(8), bytesMax: 1e6 })
      expect(none).toEqual({ slices: [], nextOffset: 6, bytes: 0 })
    })
  })

  test(`a read from ${where} outside the log is refused by name`, async () => {
    await withLog(where, async (log) => {
      const outside = async (): Promise<unknown> => log.read({ from: offset(31), bytesMax: 1 })
      await expect(outside()).rejects.toMatchObject({ code: 'not-found' })
      expect(await log.read({ from: offset(30), bytesMax: 1 })).toMatchObject({ nextOffset: 30 })
    })
  })

  test(`a timestamp in ${where} finds the first batch that is as late`, async () => {
    await withLog(where, async (log) => {
      expect(await log.offsetAtTime(0)).toEqual({ offset: 0, timestampMs: 100 })
      expect(await log.offsetAtTime(401)).toEqual({ offset: 12, timestampMs: 500 })
      expect(await log.offsetAtTime(1001)).toBeUndefined()
    })
  })
}

test('what is appended is read from memory at once, also before it is durable', async () => {
  const world = new StorageWorld({ seed: 'now', host })
  await world.scheduler.run(async () => {
    await world.format()
    const log = await makeLog(await world.open(), 0)
    const batch = makeBatch({ base: 0, tag: 'now', bytes: 6000 })
    const durable = log.append(batch)
    expect([log.endOffset(), log.durableOffset()]).toEqual([1, 0])
    const read = log.read({ from: offset(0), bytesMax: 1 })
    expect(read).not.toBeInstanceOf(Promise)
    expect((await read).slices).toEqual([batch])
    expect(await durable).toBe(1)
    expect(log.read({ from: offset(0), bytesMax: 1 })).not.toBeInstanceOf(Promise)
  })
})

test('an append that does not go on at the end is a defect', async () => {
  const world = new StorageWorld({ seed: 'gap', host })
  await world.scheduler.run(async () => {
    await world.format()
    const log = await makeLog(await world.open(), 0)
    await expect(log.append(makeBatch({ base: 1, tag: 'gap' }))).rejects.toThrow(
      'the log ends at 0',
    )
  })
})
