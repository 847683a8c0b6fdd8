import { expect, test } from 'vitest'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { offset } from '../../../../src/base/id.ts'
import { baseOffset } from '../../../../src/core/record/batch-header.ts'
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

  test(`a timestamp in ${where} finds the first batch that claims to be as late`, async () => {
    await withLog(where, async (log) => {
      const at = async (timestampMs: number, from = 0, upTo = 30): Promise<number | undefined> => {
        const query = { timestampMs, from: offset(from), upTo: offset(upTo) }
        const batch = await log.batchAtTime(query)
        return batch && baseOffset(batch, 0)
      }
      expect(await at(0)).toBe(0)
      expect(await at(401)).toBe(12)
      expect(await at(401, 16)).toBe(15)
      expect(await at(1001)).toBeUndefined()
      expect(await at(1000, 0, 29)).toBeUndefined()
    })
  })

  test(`the greatest timestamp in ${where} is that of what is asked for`, async () => {
    await withLog(where, async (log) => {
      const below = async (upTo: number, limit = Infinity): Promise<number> =>
        log.greatestTimestampMs({ upTo: offset(upTo), below: limit })
      expect(await below(30)).toBe(1000)
      expect(await below(29)).toBe(900)
      expect(await below(30, 1000)).toBe(900)
      expect(await below(2)).toBe(-1)
    })
  })
}

test('a time in a log of many segments costs the rows and bytes of one', async () => {
  const settings = { tailCacheBytes: 0, settleBytes: 1 }
  const world = new StorageWorld({ seed: 'many', host, settings })
  await world.scheduler.run(async () => {
    await world.format()
    let scanCount = 0
    const directory = await world.open(undefined, (disk) => ({
      ...disk,
      stores: {
        open: async (path, how) => {
          const store = await disk.stores.open(path, how)
          return {
            get: async (key) => store.get(key),
            batch: async (operations, options) => store.batch(operations, options),
            cursor: (range) => store.cursor(range),
            close: async () => store.close(),
            scan: async (range, countMax) => {
              scanCount += 1
              return store.scan(range, countMax)
            },
          }
        },
      },
    }))
    const log = await makeLog(directory, 0, 'ack', 4096)
    for (let base = 0; base < 300; base++) {
      // Every tenth batch is of long ago.
      const timestampMs = base % 10 === 9 ? 1 : 1000 + base
      await log.append(makeBatch({ base, tag: 'x', bytes: 2000, timestampMs }))
    }
    await world.pass(300)
    expect(log.segments().length).toBeGreaterThan(80)
    for (const base of [5, 150, 298]) {
      scanCount = 0
      const query = { timestampMs: 1000 + base, from: offset(0), upTo: log.endOffset() }
      const batch = await log.batchAtTime(query)
      expect(batch && baseOffset(batch, 0)).toBe(base)
      expect(scanCount).toBeLessThanOrEqual(2) // the extent, and the read of it
    }
    scanCount = 0
    expect(await log.greatestTimestampMs({ upTo: log.endOffset(), below: Infinity })).toBe(1298)
    expect(scanCount).toBe(0)
  })
})

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
