import { expect, test } from 'vitest'
import { offset } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { extentKey } from '../../../../src/engine/storage/keys.ts'
import { type LogDirectory } from '../../../../src/engine/storage/log-directory.ts'
import { type PartitionLog } from '../../../../src/engine/storage/partition-log.ts'
import {
  appendTo,
  makeLog,
  StorageWorld,
  topicOf,
} from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()
const intervalMs = 10_000
const batchCount = 40

/** A directory with two logs that are only on disk, each batch an extent of its own. */
async function withLogs(
  work: (world: StorageWorld, directory: LogDirectory, logs: PartitionLog[]) => Promise<void>,
): Promise<void> {
  const settings = { tailCacheBytes: 0, settleBytes: 1, scrubIntervalMs: intervalMs }
  const world = new StorageWorld({ seed: 1, host, settings })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const logs = [await makeLog(directory, 0), await makeLog(directory, 1, 'ack', 16 * 1024)]
    for (let count = 0; count < batchCount; count++)
      for (const log of logs) await appendTo(log, `${count} `, { bytes: 5000 })
    await world.pass(intervalMs + 300) // the first pass found an empty directory
    await work(world, directory, logs)
  })
}

/** The middle of the body of a batch in the first segment file. */
function flipBody(world: StorageWorld, index: number): void {
  const [path] = world.machine.disk.filePaths().filter((each) => each.endsWith('.segment'))
  world.machine.disk.flipBit(path ?? '', 64 + index * 5069 + 3000)
}

test('the scrubber finds a flipped bit in a body within its period, and nobody reads it any more', async () => {
  await withLogs(async (world, directory, [log]) => {
    flipBody(world, 7)
    await world.pass(intervalMs)
    const from = log?.damagedFrom() ?? -1
    expect(from).toBeGreaterThanOrEqual(6)
    expect(from).toBeLessThanOrEqual(7)
    await expect(
      (async () => log?.read({ from: offset(from), bytesMax: 1 }))(),
    ).rejects.toMatchObject({ code: 'corrupt' })
    expect(directory.scrubbed()?.lastEndedAtMs).toBeGreaterThan(0)
    world.powerOff()
    const again = await world.open()
    expect(again.report.uncleanLogs).toMatchObject([
      { topicId: topicOf(0), reason: 'damaged', endOffset: batchCount },
    ])
    expect((await makeLog(again, 0)).damagedFrom()).toBe(from)
  })
})

test('without rot a pass reads everything once, spread over the period', async () => {
  await withLogs(async (world, directory, logs) => {
    const before = world.machine.disk.faults.count('read')
    await world.pass(intervalMs / 2)
    const half = directory.scrubbed()?.bytes ?? 0
    await world.pass(intervalMs / 2)
    const whole = 2 * batchCount * 5000
    expect(half).toBeGreaterThan(whole / 4)
    expect(half).toBeLessThan((whole * 3) / 4)
    await world.pass(intervalMs)
    const reads = world.machine.disk.faults.count('read') - before
    expect(reads).toBeGreaterThan(3)
    expect(reads).toBeLessThan(4 * batchCount)
    expect(logs.map((log) => log.damagedFrom())).toEqual([undefined, undefined])
  })
})

test('a restart goes on where the scrubber was', async () => {
  await withLogs(async (world, directory) => {
    await world.pass(intervalMs * 0.6)
    const before = directory.scrubbed()
    await directory.close()
    world.kill()
    const again = await world.open()
    await world.pass(1)
    expect(again.scrubbed()).toEqual(before)
    expect(before?.bytes).toBeGreaterThan(batchCount * 4000)
  })
})

test('a row that is gone is found, and the log says so at the next start', async () => {
  await withLogs(async (world, _, [log]) => {
    const table = world.machine.disk.find(`${world.path}/table`)
    if (table?.type !== 'database') throw new Error('no table')
    const key = table.database.rows
      .map(({ entry }) => entry.key)
      .find((each) => each[0] === extentKey('extent', 1, 0)[0] && each[4] === 1)
    table.database.flipBit(key ?? new Uint8Array(0), 77)
    await world.pass(intervalMs)
    expect(log?.damagedFrom()).toBe(0)
    world.powerOff()
    expect((await world.open()).report.uncleanLogs).toMatchObject([
      { topicId: topicOf(0), reason: 'corrupt' },
    ])
  })
})
