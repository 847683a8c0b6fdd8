/**
 * Compaction of logs on the simulated disk: what readers see, and what every crash and fault leads
 * to. They hit at every write and sync, since it is the moment between two that counts.
 */
import { expect, test } from 'vitest'
import { offset } from '../../src/base/id.ts'
import { StorageFault } from '../../src/engine/ports/fault.ts'
import { type CompactionTask } from '../../src/engine/storage/compaction-task.ts'
import { type LogDirectory } from '../../src/engine/storage/log-directory.ts'
import { type PartitionLog } from '../../src/engine/storage/partition-log.ts'
import {
  compactionTask,
  keyedBatch,
  keyedRecordsOf,
  readKeyed,
  valuesByKey,
  type KeyedRecord,
} from '../../src/sim/storage/keyed-log.ts'
import {
  makeLog,
  partition,
  topicOf,
  type StorageWorld,
} from '../../src/sim/storage/storage-world.ts'
import { inWorld, passOutside, segmentBytes } from './storage-matrix.ts'

const kib = 1024
const settings = { tailCacheBytes: 0, settleBytes: kib, directBytesMin: 64 * kib }

interface Stage {
  readonly world: StorageWorld
  readonly directory: LogDirectory
  readonly log: PartitionLog
  readonly before: readonly KeyedRecord[]
}

/** Runs with a log of many versions of few keys, in several segments and two epochs, all of it settled. */
async function staged(seed: string, run: (stage: Stage) => Promise<void>): Promise<void> {
  await inWorld(
    seed,
    async (world) => {
      const directory = await world.open()
      const log = await makeLog(directory, 0, 'ack', 4 * kib)
      for (let count = 0; count < 60; count++) await appendKeyed(log, count < 30 ? 1 : 2)
      await world.pass(500)
      await run({ world, directory, log, before: await readKeyed(log) })
    },
    { settings },
  )
}

/** Five records of 13 keys by turns; key 7 has tombstones alone. */
async function appendKeyed(log: PartitionLog, leaderEpoch: number): Promise<void> {
  const base = log.endOffset()
  const records = Array.from({ length: 5 }, (_, index) => {
    const number = (base + index) % 13
    return [`key ${number}`, number === 7 ? undefined : `${base + index} `.repeat(10)] as const
  })
  await log.append(keyedBatch(base, records, leaderEpoch))
}

async function compact(
  { world, log }: Pick<Stage, 'world' | 'log'>,
  task: Partial<CompactionTask> = {},
): Promise<void> {
  await log.compact(compactionTask(log, world.clock, task))
}

/** The log as the next opening has it; nothing of the compaction is left over. */
async function reopened(world: StorageWorld): Promise<PartitionLog> {
  const directory = await world.open()
  expect(directory.report.uncleanLogs).toEqual([])
  await world.pass(200)
  expect(await directory.removeStrays()).toBe(0)
  const log = directory.find(topicOf(0), partition)
  if (log === undefined) throw new Error('the log is gone')
  return log
}

/** In order, each record what it was, and the same to a reader by key. */
async function expectSame(log: PartitionLog, before: readonly KeyedRecord[]): Promise<void> {
  const after = await readKeyed(log)
  expect(valuesByKey(after)).toEqual(valuesByKey(before))
  let last = -1
  for (const record of after) {
    expect(record.offset).toBeGreaterThan(last)
    expect(record).toEqual(before[record.offset])
    last = record.offset
  }
  expect(log.endOffset()).toBe(before.length)
  expect(log.epochs().entries()).toEqual([
    { epoch: 1, startOffset: 0 },
    { epoch: 2, startOffset: 150 },
  ])
}

test('a reader by key sees the same, in less room, now and after a restart', async () => {
  await staged('same', async ({ world, log, before }) => {
    const bytesBefore = segmentBytes(world)
    await compact({ world, log })
    await world.pass(100)
    await expectSame(log, before)
    expect((await readKeyed(log)).length).toBeLessThan(60)
    expect(segmentBytes(world)).toBeLessThan(bytesBefore / 2)
    world.powerOff()
    const again = await reopened(world)
    expect(again.cleanedTo()).toBe(log.cleanedTo())
    await expectSame(again, before)
  })
})

test('a read from inside what was compacted gives the next batch', async () => {
  await staged('inside', async ({ world, log }) => {
    await compact({ world, log })
    const kept = (await readKeyed(log)).map((record) => record.offset)
    for (let from = 0; from < log.endOffset(); from += 7) {
      const { slices } = await log.read({ from: offset(from), bytesMax: 1 })
      const first = keyedRecordsOf(slices).find((record) => record.offset >= from)
      if (first !== undefined) expect(first.offset).toBe(kept.find((each) => each >= from))
    }
  })
})

test('the active segment is never touched, and what is appended later is compacted later', async () => {
  await staged('later', async ({ world, log, before }) => {
    await compact({ world, log })
    const first = log.cleanedTo()
    expect(first).toBeGreaterThan(200)
    expect(first).toBeLessThan(log.endOffset())
    const active = (await readKeyed(log)).filter((record) => record.offset >= first)
    expect(active).toEqual(before.slice(first))
    for (let count = 0; count < 60; count++) await appendKeyed(log, 2)
    await world.pass(500)
    const all = [
      ...before,
      ...(await readKeyed(log)).filter(({ offset: at }) => at >= before.length),
    ]
    await compact({ world, log })
    expect(log.cleanedTo()).toBeGreaterThan(before.length)
    await expectSame(log, all)
    const kept = (await readKeyed(log)).filter((record) => record.offset < log.cleanedTo())
    expect(kept.length).toBeLessThanOrEqual(13)
  })
})

test('tombstones stay for delete.retention.ms after the compaction that first kept them', async () => {
  await staged('tombstones', async ({ world, log, before }) => {
    const count = async (): Promise<number> =>
      (await readKeyed(log)).filter(
        (record) => record.value === undefined && record.offset < log.cleanedTo(),
      ).length
    await compact({ world, log }, { nowMs: 5000, deleteRetentionMs: 1000 })
    expect(await count()).toBe(1)
    await compact({ world, log }, { nowMs: 5999, deleteRetentionMs: 1000, from: offset(0) })
    expect(await count()).toBe(1)
    await compact({ world, log }, { nowMs: 6000, deleteRetentionMs: 1000, from: offset(0) })
    expect(await count()).toBe(0)
    expect(valuesByKey(await readKeyed(log))).toEqual(valuesByKey(before))
  })
})

test('with room for a few keys it stops where they end, and goes on there', async () => {
  await inWorld(
    'few keys',
    async (world) => {
      const log = await makeLog(await world.open(), 0, 'ack', 16 * kib)
      for (let count = 0; count < 150; count++) {
        const base = log.endOffset()
        const keys = Array.from({ length: 20 }, (_, index) => `${(base + index) % 1500}`)
        await log.append(
          keyedBatch(
            base,
            keys.map((key) => [key, `${base}`]),
          ),
        )
      }
      await world.pass(500)
      const before = await readKeyed(log)
      const stops: number[] = []
      for (let from = -1; from < log.cleanedTo();) {
        from = log.cleanedTo()
        await compact({ world, log }, { keysBytesMax: 64 * kib })
        stops.push(log.cleanedTo())
      }
      expect(stops.length).toBeGreaterThan(2)
      expect(valuesByKey(await readKeyed(log))).toEqual(valuesByKey(before))
    },
    { settings },
  )
})

test('readers that are under way go on while the files under them are swapped', async () => {
  await staged('readers', async ({ world, log, before }) => {
    const expected = valuesByKey(before)
    let isOver = false
    let readCount = 0
    const reading = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        expect(valuesByKey(await readKeyed(log))).toEqual(expected)
        readCount += 1
      }
    })
    for (let count = 0; count < 4; count++) await compact({ world, log }, { from: offset(0) })
    await world.pass(50)
    isOver = true
    await Promise.all(reading)
    expect(readCount).toBeGreaterThan(10)
  })
})

test('a log that is cut, emptied or dropped meanwhile is not touched by what was read of it', async () => {
  for (const [name, cut] of [
    ['truncated', async ({ log }: Stage) => log.truncateTo(offset(40))],
    ['restarted', async ({ log }: Stage) => log.restartAt(offset(1000))],
    ['dropped', async ({ directory }: Stage) => directory.dropLog(topicOf(0), partition)],
  ] as const)
    for (const delayMs of [0, 0.3, 0.8, 1.5, 2.5, 4, 6])
      await staged(`${name} ${delayMs}`, async (stage) => {
        const { world, log } = stage
        const compacting = compact(stage).catch((cause: unknown) => {
          expect(cause).toMatchObject({ name: 'StorageFault', code: 'closed' })
        })
        await world.pass(delayMs)
        await cut(stage)
        await compacting
        await world.pass(100)
        world.powerOff()
        if (name === 'dropped') {
          expect((await world.open()).logs()).toEqual([])
          return
        }
        const again = await reopened(world)
        expect(again.endOffset()).toBe(log.endOffset())
        // Where records were compacted, a cut ends the log with the batch before them.
        if (name === 'truncated') expect(again.endOffset()).toBeLessThanOrEqual(40)
        else expect(again.endOffset()).toBe(1000)
        expect(again.cleanedTo()).toBeLessThanOrEqual(again.endOffset())
      })
})

function acts({ machine }: StorageWorld): number {
  return machine.disk.faults.count('write') + machine.disk.faults.count('sync')
}

/** True when the compaction came to its end before so many writes and syncs. */
async function endsBefore(stage: Stage, actCount: number): Promise<boolean> {
  const { world } = stage
  const last = acts(world) + actCount
  const state = new Set<'over'>()
  const done = compact(stage).then(() => {
    state.add('over')
  })
  const reached = async (): Promise<void> => {
    while (!state.has('over') && acts(world) < last) await passOutside(world, 0.02)
  }
  await Promise.race([done, reached()])
  return state.has('over')
}

test('a crash at any write or sync of a compaction leaves the log whole, and nothing behind', async () => {
  const ended: boolean[] = []
  while (ended.at(-1) !== true)
    await staged(`crash ${ended.length}`, async (stage) => {
      const { world, before } = stage
      ended.push(await endsBefore(stage, ended.length))
      if (ended.length % 2 === 0) world.powerOff()
      else world.kill()
      const log = await reopened(world)
      await expectSame(log, before)
      await compact({ world, log })
      await expectSame(log, before)
      const kept = (await readKeyed(log)).filter((record) => record.offset < log.cleanedTo())
      expect(kept).toHaveLength(13)
    })
  expect(ended.length).toBeGreaterThan(10)
})

test('a fault at any write or sync of a compaction loses nothing', async () => {
  for (const fault of [
    { on: 'write', code: 'no-space' },
    { on: 'write', code: 'io' },
    { on: 'sync', code: 'io' },
  ] as const) {
    const ended: boolean[] = []
    while (ended.at(-1) !== true)
      await staged(`${fault.on} ${fault.code} ${ended.length}`, async (stage) => {
        const { world, directory, log, before } = stage
        world.machine.disk.faults.inject({ ...fault, afterCount: ended.length })
        const failed = await compact(stage).catch((cause: unknown) => cause)
        if (failed !== undefined) expect(failed).toBeInstanceOf(StorageFault)
        ended.push(failed === undefined && directory.state() === 'online')
        world.machine.disk.faults.clear()
        await expectSame(log, before)
        world.powerOff()
        const found = (await world.open()).find(topicOf(0), partition)
        if (found === undefined) throw new Error('the log is gone')
        await expectSame(found, before)
      })
    expect(ended.length).toBeGreaterThan(4)
  }
})
