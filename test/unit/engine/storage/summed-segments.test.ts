/** The row of an unsealed segment sums up its first extents: what an open reads does not grow with the log. */
import { expect, test } from 'vitest'
import { offset } from '../../../../src/base/id.ts'
import { extentKey } from '../../../../src/engine/storage/keys.ts'
import { makeLog, type StorageWorld } from '../../../../src/sim/storage/storage-world.ts'
import { expectWhole, inWorld, prefixOf, Writer } from '../../../sim/storage-matrix.ts'

const oneSegment = { settings: { directBytesMin: 500 } }
const segmentBytes = 2 ** 30

test('a log of many extents in one segment is the same after each crash, cut below its sums or not', async () => {
  await inWorld(
    'summed',
    async (world) => {
      const log = await makeLog(await world.open(), 0, 'ack', segmentBytes)
      const writer = new Writer(log)
      await writer.append(400, 600)
      await world.pass(200)
      world.powerOff()
      await expectWhole(world, [writer])
      for (const end of [390, 200, 40]) {
        const again = new Writer(await makeLog(await reopened(world), 0))
        await again.log.truncateTo(offset(end))
        again.batches.push(...writer.batches.slice(0, end))
        await again.append(150, 600, 500 - end)
        await world.pass(200)
        world.powerOff()
        await expectWhole(world, [again])
        writer.batches.splice(0, writer.batches.length, ...again.batches)
      }
    },
    oneSegment,
  )
})

test('an open reads the rows after the sums: one below them may be damaged, and fails when it is read', async () => {
  await inWorld(
    'summed and damaged',
    async (world) => {
      const directory = await world.open()
      const log = await makeLog(directory, 0, 'ack', segmentBytes)
      const writer = new Writer(log)
      await writer.append(300, 600)
      await directory.close()
      world.kill()
      const table = world.machine.disk.find(`${world.path}/table`)
      if (table?.type !== 'database') throw new Error('no table')
      table.database.flipBit(extentKey('extent', 1, 20), 100)
      const again = await world.open()
      expect(again.report.uncleanLogs).toEqual([])
      const same = await makeLog(again, 0)
      expect(same.endOffset()).toBe(300)
      await expect(prefixOf(same, writer.batches)).rejects.toMatchObject({ code: 'corrupt' })
    },
    oneSegment,
  )
})

async function reopened(world: StorageWorld): ReturnType<StorageWorld['open']> {
  world.kill()
  return world.open()
}
