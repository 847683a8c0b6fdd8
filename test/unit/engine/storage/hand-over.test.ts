import { expect, test } from 'vitest'
import { present } from '../../../../src/base/assert.ts'
import { clusterId, nodeId } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { LogDirectories } from '../../../../src/engine/storage/log-directories.ts'
import { LogDirectory } from '../../../../src/engine/storage/log-directory.ts'
import {
  appendTo,
  makeBatch,
  makeLog,
  partition,
  smallStorage,
  StorageWorld,
  topicOf,
} from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()
const owner = { clusterId: clusterId('C'.repeat(22)), nodeId: nodeId(1) }
const paths = ['/a', '/b']

async function openBoth(world: StorageWorld): Promise<LogDirectories> {
  const { ports } = world.machine.start()
  const opened = await LogDirectories.open({ ports, paths, ...owner, settings: smallStorage })
  if (!(opened instanceof LogDirectories)) throw opened.fault
  return opened
}

test('a hand-over that failed once succeeds, and what is appended after it survives', async () => {
  for (const afterCount of [0, 1, 2, 3]) {
    const world = new StorageWorld({ seed: afterCount, host })
    await world.scheduler.run(async () => {
      const { ports, process } = world.machine.start()
      for (const path of paths) await LogDirectory.format({ ...ports, ...owner, path })
      process.kill()
      const directories = await openBoth(world)
      const [from, to] = directories.all()
      const log = await makeLog(present(from, 'a'), 0)
      await appendTo(log, 'before')
      const copy = await directories.receive(log, present(to, 'b'))
      await copy.append(makeBatch({ base: 0, tag: 'before' }))
      const fault = { on: 'write', code: 'no-space', afterCount, pathPrefix: '/b' } as const
      world.machine.disk.faults.inject(fault)
      const failed = await directories
        .handOver(log, present(to, 'b'))
        .catch((cause: unknown) => cause)
      if (failed !== undefined) {
        await new Promise<void>((resolve) => world.scheduler.after(3000, resolve))
        expect(to?.state()).toBe('online')
        expect(directories.find(log.topicId, log.partition)).toBe(log)
        const again = await directories.receive(log, present(to, 'b'))
        if (again.endOffset() === 0) await again.append(makeBatch({ base: 0, tag: 'before' }))
        await directories.handOver(log, present(to, 'b'))
      }
      world.machine.disk.faults.clear()
      await appendTo(log, 'after')
      world.powerOff()
      const after = await openBoth(world)
      expect(after.reports().flatMap(({ uncleanLogs }) => uncleanLogs)).toEqual([])
      const found = after.find(topicOf(0), partition)
      expect(found?.home().path).toBe('/b')
      expect(found?.endOffset()).toBe(2)
      await after.close()
    })
  }
})
