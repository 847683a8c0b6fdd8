import { expect, test } from 'vitest'
import { concatBytes, equalBytes } from '../../../../src/base/bytes.ts'
import { offset } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { plainPolicy } from '../../../../src/engine/storage/partition-log.ts'
import {
  appendTo,
  makeBatch,
  makeLog,
  partition,
  readAll,
  StorageWorld,
  topicOf,
} from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()

for (const writeCount of [0, 1, 2, 3, 4])
  test(`reads wait while a reopen runs out of space again at write ${writeCount}`, async () => {
    const world = new StorageWorld({ seed: writeCount, host, settings: { tailCacheBytes: 0 } })
    await world.scheduler.run(async () => {
      await world.format()
      const directory = await world.open()
      const log = await makeLog(directory, 0)
      for (let count = 0; count < 20; count++) await appendTo(log, 'a', { bytes: 3000 })
      await world.pass(300)
      const before = concatBytes(await readAll(log))
      const { faults } = world.machine.disk
      faults.inject({ on: 'write', code: 'no-space', afterCount: 0 })
      await expect(appendTo(log, 'b', { bytes: 3000 })).rejects.toMatchObject({ code: 'no-space' })
      expect(directory.state()).toBe('full')
      faults.inject({ on: 'write', code: 'no-space', afterCount: writeCount })
      for (let passed = 0; passed < 4000; passed += 50) {
        await world.pass(50)
        // The append that failed may be there.
        const bytes = concatBytes(await readAll(log)).subarray(0, before.length)
        expect(equalBytes(bytes, before)).toBe(true)
        const query = { timestampMs: 0, from: offset(0), upTo: log.endOffset() }
        expect(await log.batchAtTime(query)).toBeDefined()
      }
      expect(directory.state()).toBe('online')
      const end = log.endOffset()
      expect(await appendTo(log, 'c')).toBe(end + 1)
    })
  })

test('reads do not wait for ever for a directory that stays without room', async () => {
  const world = new StorageWorld({ seed: 9, host, settings: { tailCacheBytes: 0 } })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 0)
    for (let count = 0; count < 20; count++) await appendTo(log, 'a', { bytes: 3000 })
    await world.pass(300)
    const { faults } = world.machine.disk
    faults.inject({ on: 'write', code: 'no-space', afterCount: 0, isLasting: true })
    await expect(appendTo(log, 'b')).rejects.toMatchObject({ code: 'no-space' })
    await world.pass(1500)
    const read = async (): Promise<unknown> => log.read({ from: offset(0), bytesMax: 1 })
    await expect(read()).rejects.toMatchObject({ name: 'StorageFault' })
    faults.clear()
    await world.pass(1500)
    expect(await readAll(log)).not.toHaveLength(0)
    expect(directory.state()).toBe('online')
    await directory.close()
  })
})

test('a log is run as before when its directory is opened again', async () => {
  const world = new StorageWorld({ seed: 10, host })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const policy = { ...plainPolicy('ack', 1_000_000), segmentMs: 1000, fileDeleteDelayMs: 5000 }
    const log = await directory.createLog({ topicId: topicOf(0), partition, policy })
    await appendTo(log, 'a', { bytes: 9000 })
    world.machine.disk.faults.inject({ on: 'write', code: 'no-space', afterCount: 0 })
    await expect(appendTo(log, 'b')).rejects.toMatchObject({ code: 'no-space' })
    await world.pass(5000)
    expect(directory.state()).toBe('online')
    for (const timestampMs of [10_000, 20_000, 30_000]) {
      const base = log.endOffset()
      await log.append(makeBatch({ base, tag: 'c', bytes: 9000, timestampMs }))
      await world.pass(300)
    }
    expect(log.segments().length).toBeGreaterThan(2)
    await log.startAt(log.endOffset())
    await world.pass(1000)
    const files = (): number =>
      world.machine.disk.filePaths().filter((path) => path.endsWith('.segment')).length
    expect(files()).toBeGreaterThan(2)
    await world.pass(10_000)
    expect(files()).toBeLessThan(2)
    await directory.close()
  })
})
