/** Offsets by time against a list of records: whatever was cut off below, compacted away, or claimed. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { viewOf } from '../../src/base/bytes.ts'
import { crc32c } from '../../src/base/crc32c.ts'
import { epoch, offset, type Offset } from '../../src/base/id.ts'
import { batchHeaderBytes, crcFrom, repackBatch } from '../../src/core/record/batch-header.ts'
import { encodeBatch } from '../../src/core/record/batch-writer.ts'
import { openSimHost } from '../../src/edge/system/sim-host.ts'
import { TimeLookup, type RecordTime } from '../../src/engine/broker/time-lookup.ts'
import { type PartitionLog } from '../../src/engine/storage/partition-log.ts'
import { simCompressor } from '../../src/sim/sim-compressor.ts'
import { makeLog, StorageWorld } from '../../src/sim/storage/storage-world.ts'

const host = openSimHost()
const compressor = simCompressor()
const timeMax = 40

/** One batch: offsets missing before it, its times, how much too late it claims to be. */
const batch = fc.record({
  gap: fc.integer({ min: 0, max: 3 }),
  times: fc.array(fc.integer({ min: -1, max: timeMax }), { minLength: 1, maxLength: 4 }),
  lie: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 20 })),
  codec: fc.constantFrom('none' as const, 'lz4' as const),
})

const history = fc.record({
  batches: fc.array(batch, { minLength: 1, maxLength: 30 }),
  where: fc.constantFrom('memory', 'disk', 'disk, reopened'),
  bytes: fc.constantFrom(20, 1500),
  /** Parts of the log that are dropped, and not committed yet. */
  startShare: fc.double({ min: 0, max: 1, noNaN: true }),
  endShare: fc.double({ min: 0, max: 1, noNaN: true }),
})

type History = typeof history extends fc.Arbitrary<infer T> ? T : never

/** A log with that history, what a reader may find in it, and where readers stop. */
interface Stage {
  readonly log: PartitionLog
  readonly records: readonly RecordTime[]
  readonly upTo: Offset
  readonly lookup: TimeLookup
}

async function onLog(of: History, work: (stage: Stage) => Promise<void>): Promise<void> {
  const isOnDisk = of.where !== 'memory'
  const settings = isOnDisk ? { tailCacheBytes: 0, settleBytes: 1 } : {}
  const world = new StorageWorld({ seed: 1, host, settings })
  await world.scheduler.run(async () => {
    await world.format()
    let log = await makeLog(await world.open(), 0, 'ack', 4096)
    const all: RecordTime[] = []
    const ends: Offset[] = []
    for (const { gap, times, lie, codec } of of.batches) {
      const base = log.endOffset() + gap
      times.forEach((timestampMs, index) => {
        all.push({ offset: offset(base + index), timestampMs })
      })
      await log.appendFetched(await encoded({ base, times, lie, codec, bytes: of.bytes }))
      ends.push(log.endOffset())
    }
    const start = offset(Math.floor(log.endOffset() * of.startShare))
    await log.startAt(start)
    if (isOnDisk) await world.pass(300)
    if (of.where === 'disk, reopened') {
      world.kill()
      const again = await world.open()
      log = again.find(log.topicId, log.partition) ?? log
    }
    const upTo = ends[Math.floor((ends.length - 1) * of.endShare)] ?? offset(0)
    const records = all.filter(({ offset: at }) => at >= start && at < upTo)
    const lookup = new TimeLookup({ compressor, clock: world.clock })
    await work({ log, records, upTo, lookup })
  })
}

async function encoded(of: {
  readonly base: number
  readonly times: readonly number[]
  readonly lie: number
  readonly codec: 'none' | 'lz4'
  readonly bytes: number
}): Promise<Uint8Array> {
  const plain = encodeBatch({
    records: of.times.map((timestampMs) => ({ value: new Uint8Array(of.bytes), timestampMs })),
    baseOffset: offset(of.base),
    leaderEpoch: epoch(1),
  })
  const section = plain.subarray(batchHeaderBytes)
  const records = of.codec === 'none' ? section : await compressor.compress(of.codec, section)
  const bytes = repackBatch(plain, 0, { codec: of.codec, records })
  const view = viewOf(bytes)
  view.setBigInt64(35, BigInt(Math.max(...of.times) + of.lie))
  view.setUint32(17, crc32c(bytes.subarray(crcFrom)))
  return bytes
}

test('a time finds the first record, by offset, that is as late, of those that readers have', async () => {
  await fc.assert(
    fc.asyncProperty(
      history,
      fc.array(fc.integer({ min: 0, max: timeMax + 22 }), { minLength: 5, maxLength: 5 }),
      async (of, times) => {
        await onLog(of, async ({ log, records, upTo, lookup }) => {
          const bound = { upTo, deadlineAtMs: Infinity }
          for (const timestampMs of times) {
            const wanted = records.find((record) => record.timestampMs >= timestampMs)
            const found = await lookup.firstAt(log, timestampMs, bound)
            expect(found).toEqual(wanted === undefined ? 'none' : expect.objectContaining(wanted))
          }
        })
      },
    ),
    { numRuns: 60 },
  )
})

test('the greatest timestamp is that of the records that readers have, at its first offset', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (of) => {
      await onLog(of, async ({ log, records, upTo, lookup }) => {
        const greatestMs = Math.max(-1, ...records.map(({ timestampMs }) => timestampMs))
        const wanted =
          greatestMs < 0 ? undefined : records.find(({ timestampMs }) => timestampMs === greatestMs)
        const found = await lookup.greatest(log, { upTo, deadlineAtMs: Infinity })
        expect(found).toEqual(wanted === undefined ? 'none' : expect.objectContaining(wanted))
      })
    }),
    { numRuns: 60 },
  )
})
