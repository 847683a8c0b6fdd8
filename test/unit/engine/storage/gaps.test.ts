/** A log whose leader was compacted: offsets are missing, and nothing may take that for damage. */
import { expect, test } from 'vitest'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { offset } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { type PartitionLog } from '../../../../src/engine/storage/partition-log.ts'
import {
  makeBatch,
  makeLog,
  partition,
  readAll,
  StorageWorld,
  topicOf,
} from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()
const bases = [0, 7, 8, 30, 31, 90]

async function appendGapped(log: PartitionLog, bytes: number): Promise<Uint8Array> {
  const batches = bases.map((base, index) =>
    makeBatch({ base, tag: `${base} `, bytes, epoch: index < 3 ? 1 : 2 }),
  )
  for (const batch of batches) await log.appendFetched(batch)
  return concatBytes(batches)
}

for (const [how, bytes] of [
  ['small batches, held by the journal', 100],
  ['large ones, straight to a segment file', 6000],
] as const)
  test(`a replica takes ${how}, with offsets missing, and has them after a crash`, async () => {
    const world = new StorageWorld({ seed: how, host, settings: { tailCacheBytes: 0 } })
    await world.scheduler.run(async () => {
      await world.format()
      const directory = await world.open()
      const log = await makeLog(directory, 0)
      const whole = await appendGapped(log, bytes)
      const check = async (reopened: PartitionLog): Promise<void> => {
        expect(concatBytes(await readAll(reopened))).toEqual(whole)
        expect(reopened.endOffset()).toBe(91)
        const { slices } = await reopened.read({ from: offset(40), bytesMax: 1 })
        expect(slices).toEqual([makeBatch({ base: 90, tag: '90 ', bytes, epoch: 2 })])
        expect(reopened.epochs().entries()).toEqual([
          { epoch: 1, startOffset: 0 },
          { epoch: 2, startOffset: 9 },
        ])
      }
      await check(log)
      for (const wait of [0, 500]) {
        await world.pass(wait)
        world.powerOff()
        const again = await world.open()
        expect(again.report.uncleanLogs).toEqual([])
        const reopened = again.find(topicOf(0), partition)
        expect(reopened).toBeDefined()
        if (reopened !== undefined) await check(reopened)
      }
    })
  })

test('a cut between two batches ends the log where the earlier one ends', async () => {
  const world = new StorageWorld({ seed: 'cut', host, settings: { tailCacheBytes: 0 } })
  await world.scheduler.run(async () => {
    await world.format()
    const log = await makeLog(await world.open(), 0)
    await appendGapped(log, 100)
    await log.truncateTo(offset(40))
    expect(log.endOffset()).toBe(32)
    await log.appendFetched(makeBatch({ base: 50, tag: 'x', epoch: 3 }))
    expect(log.endOffset()).toBe(51)
    await log.truncateTo(offset(31))
    expect(log.endOffset()).toBe(31)
  })
})

test('an append of a leader may have no offset missing', async () => {
  const world = new StorageWorld({ seed: 'leader', host })
  await world.scheduler.run(async () => {
    await world.format()
    const log = await makeLog(await world.open(), 0)
    await expect(log.append(makeBatch({ base: 3, tag: 'x' }))).rejects.toThrow('appended at 3')
  })
})
