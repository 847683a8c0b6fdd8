import { expect, test } from 'vitest'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { appendTo, makeLog, StorageWorld } from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()
const mib = 1024 * 1024

test('what is written while a file is synced is durable after the next flush', async () => {
  const settings = {
    journalBytes: 64 * mib,
    journalFirstBytes: 64 * mib,
    directBytesMin: 1e9,
    settleBytes: 1e9,
    unsettledBytesMax: 1e9,
    flushIntervalMs: 2000,
  }
  const world = new StorageWorld({ seed: 1, host, settings })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 1, 'interval')
    // 16 MiB start a sync; the same again comes before it ends.
    for (let round = 0; round < 8; round++)
      await Promise.all([1, 2, 3, 4].map(async () => appendTo(log, 'a', { bytes: mib })))
    const end = log.endOffset()
    await world.pass(3000)
    world.powerOff()
    const again = await world.open()
    const same = await makeLog(again, 1, 'interval')
    expect(same.endOffset()).toBe(end)
    await again.close()
  })
}, 30_000)
