/** Cuts and start moves of a log while a slow compaction holds extents whose files go meanwhile. */
import { expect, test } from 'vitest'
import { offset } from '../../src/base/id.ts'
import { Throttle } from '../../src/engine/runtime/throttle.ts'
import { type PartitionLog } from '../../src/engine/storage/partition-log.ts'
import { compactionTask, keyedBatch, readKeyed } from '../../src/sim/storage/keyed-log.ts'
import { makeLog } from '../../src/sim/storage/storage-world.ts'
import { inWorld } from './storage-matrix.ts'

const kib = 1024
const settings = { tailCacheBytes: 0, settleBytes: kib, directBytesMin: 64 * kib }

async function write(log: PartitionLog, count: number): Promise<void> {
  for (let left = count; left > 0; left--) {
    const base = log.endOffset()
    await log.append(keyedBatch(base, [[`${base % 7}`, 'value '.repeat(50)]], 1))
  }
}

async function cutAndWriteAgain(log: PartitionLog): Promise<void> {
  await log.truncateTo(offset(2))
  await write(log, 70)
}

for (const { name, afterMs, change } of [
  { name: 'cut and written again', afterMs: 1700, change: cutAndWriteAgain },
  {
    name: 'begun later',
    afterMs: 500,
    change: async (log: PartitionLog) => log.startAt(offset(55)),
  },
])
  test(`a log that is ${name} under a slow compaction is not taken for damaged`, async () => {
    await inWorld(
      name,
      async (world) => {
        const log = await makeLog(await world.open(), 0, 'ack', 4 * kib)
        await write(log, 60)
        await world.pass(500)
        const throttle = new Throttle(world.clock, () => 4 * kib)
        const compacting = log
          .compact(compactionTask(log, world.clock, { throttle }))
          .catch((cause: unknown) => cause)
        await world.pass(afterMs)
        await change(log)
        expect(await compacting).toMatchObject({ code: 'closed' })
        expect(log.damagedFrom()).toBeUndefined()
        const found = await readKeyed(log)
        expect(found.map((record): number => record.offset)).toEqual(
          Array.from(
            { length: log.endOffset() - log.startOffset() },
            (_, at) => log.startOffset() + at,
          ),
        )
      },
      { settings },
    )
  })
