import { expect, test } from 'vitest'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { type LogDirectory } from '../../../../src/engine/storage/log-directory.ts'
import { idKey, idOf } from '../../../../src/engine/storage/keys.ts'
import { type SimDatabase } from '../../../../src/sim/sim-database.ts'
import {
  appendTo,
  makeLog,
  StorageWorld,
  topicOf,
} from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()
const logCount = 3

function databaseOf(world: StorageWorld): SimDatabase {
  const table = world.machine.disk.find(`${world.path}/table`)
  if (table?.type !== 'database') throw new Error('no table')
  return table.database
}

/** A directory with three logs, killed; what `lose` did to its table it does not know. */
async function afterLoss(
  lose: (database: SimDatabase) => boolean,
  check: (world: StorageWorld, directory: LogDirectory) => Promise<void>,
): Promise<boolean> {
  const world = new StorageWorld({ seed: 1, host, settings: { settleBytes: 2048 } })
  let wasLost = false
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    for (let index = 0; index < logCount; index++) {
      const log = await makeLog(directory, index)
      for (let count = 0; count < 5; count++) await appendTo(log, `${count} `, { bytes: 1000 })
    }
    world.kill()
    wasLost = lose(databaseOf(world))
    if (wasLost) await check(world, await world.open())
  })
  return wasLost
}

test('whichever batch LevelDB loses: nothing of the directory is vouched for, until that is known', async () => {
  let missingCount = 0
  for (let index = 0; ; index++) {
    const wasLost = await afterLoss(
      (database) => database.loseBatch(index),
      async (world, directory) => {
        expect(directory.report).toMatchObject({ mayMissLogs: true })
        const unclean = directory.report.uncleanLogs.map(({ topicId }) => topicId)
        expect(unclean.sort()).toEqual(
          directory
            .logs()
            .map(({ topicId }) => topicId)
            .sort(),
        )
        missingCount += logCount - unclean.length
        expect(await directory.removeStrays()).toBe(0)
        world.kill()
        const again = await world.open()
        expect(again.report).toMatchObject({ mayMissLogs: true })
        await again.reportIsTaken()
        await again.close()
        world.kill()
        const last = await world.open()
        expect(last.report).toMatchObject({ mayMissLogs: false, uncleanLogs: [] })
      },
    )
    if (!wasLost) break
  }
  expect(missingCount).toBe(logCount)
})

test('a log whose row alone is gone is missed', async () => {
  await afterLoss(
    () => true,
    async (world, directory) => {
      await directory.close()
      world.kill()
      const { ports } = world.machine.start()
      const store = await ports.stores.open(`${world.path}/table`, { create: false })
      const log = databaseOf(world).rows.find(({ entry }) => entry.key[0] === idKey('log', 0)[0])
      const key = log?.entry.key ?? new Uint8Array(0)
      await store.batch([{ type: 'delete', key }], { sync: true })
      await store.close()
      world.kill()
      const again = await world.open()
      expect(again.report).toMatchObject({ mayMissLogs: true })
      expect(again.report.uncleanLogs.length).toBe(logCount - 1)
      const logId = idOf(key)
      const { topicId } = await makeLog(again, logCount)
      expect(topicId).toBe(topicOf(logCount))
      const ids = again.copies().map(({ state }) => state.logId)
      expect(ids).not.toContain(logId)
    },
  )
})
