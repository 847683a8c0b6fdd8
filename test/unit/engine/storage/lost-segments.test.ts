import { expect, test } from 'vitest'
import { offset } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { type LogDirectory } from '../../../../src/engine/storage/log-directory.ts'
import { type PartitionLog } from '../../../../src/engine/storage/partition-log.ts'
import {
  appendTo,
  makeLog,
  partition,
  StorageWorld,
  topicOf,
} from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()

/** A directory with a log that is only on disk. */
async function withLog(
  work: (world: StorageWorld, directory: LogDirectory, log: PartitionLog) => Promise<void>,
): Promise<void> {
  const settings = { tailCacheBytes: 0, settleBytes: 1 }
  const world = new StorageWorld({ seed: 1, host, settings })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 0)
    for (let count = 0; count < 10; count++) await appendTo(log, 'a', { bytes: 3000 })
    await world.pass(300)
    await work(world, directory, log)
  })
}

test('a segment that cannot be read is damage, and the next open says so', async () => {
  await withLog(async (world, directory, log) => {
    const { faults } = world.machine.disk
    const pathPrefix = `${world.path}/segments`
    faults.inject({ on: 'read', code: 'io', afterCount: 0, isLasting: true, pathPrefix })
    const read = async (): Promise<unknown> => log.read({ from: offset(0), bytesMax: 1e6 })
    await expect(read()).rejects.toMatchObject({ code: 'corrupt' })
    faults.clear()
    await directory.close()
    world.kill()
    const { report } = await world.open()
    expect(report.uncleanLogs).toMatchObject([{ topicId: topicOf(0), partition }])
  })
})

test('a read that fails once is no damage', async () => {
  await withLog(async (world, directory, log) => {
    const { faults } = world.machine.disk
    const pathPrefix = `${world.path}/segments`
    faults.inject({ on: 'read', code: 'io', afterCount: 0, pathPrefix })
    const read = async (): Promise<unknown> => log.read({ from: offset(0), bytesMax: 1e6 })
    await expect(read()).rejects.toMatchObject({ code: 'io' })
    expect(await read()).toMatchObject({ slices: [expect.anything()] })
    await directory.close()
    world.kill()
    const { report } = await world.open()
    expect(report.uncleanLogs).toEqual([])
  })
})
