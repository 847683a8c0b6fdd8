import { expect, test } from 'vitest'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { offset } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import {
  appendTo,
  makeBatch,
  makeLog,
  readAll,
  StorageWorld,
} from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()

test('what was appended is read back before and after a clean restart', async () => {
  const world = new StorageWorld({ seed: 1, host })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 1)
    const batches = [0, 1, 2, 3].map((base) => makeBatch({ base, tag: `v${base}`, bytes: 300 }))
    for (const batch of batches) await log.append(batch)
    expect(log.endOffset()).toBe(4)
    expect(log.durableOffset()).toBe(4)
    expect(concatBytes(await readAll(log))).toEqual(concatBytes(batches))
    await directory.close()
    world.kill()
    const again = await world.open()
    expect(again.report).toMatchObject({ wasClean: true, uncleanLogs: [] })
    const [same] = again.logs()
    expect(same?.endOffset()).toBe(4)
    expect(same && concatBytes(await readAll(same))).toEqual(concatBytes(batches))
  })
})

test('small and large appends to many logs survive a kill, in order and without a gap', async () => {
  const world = new StorageWorld({ seed: 2, host })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const written = new Map<number, Uint8Array[]>()
    await Promise.all(
      [1, 2, 3, 4].map(async (index) => {
        const log = await makeLog(directory, index)
        const batches: Uint8Array[] = []
        written.set(index, batches)
        for (let count = 0; count < 60; count++) {
          const bytes = count % 7 === 0 ? 6000 : 200 * index
          const batch = makeBatch({
            base: log.endOffset(),
            tag: `${index}/${count}`,
            bytes,
            count: 2,
          })
          batches.push(batch)
          await log.append(batch)
        }
      }),
    )
    for (const log of directory.logs()) expect(log.endOffset()).toBe(120)
    world.kill()
    const again = await world.open()
    expect(again.report).toMatchObject({ wasClean: false, uncleanLogs: [] })
    expect(again.logs()).toHaveLength(4)
    for (const index of [1, 2, 3, 4]) {
      const log = await makeLog(again, index)
      expect(concatBytes(await readAll(log))).toEqual(concatBytes(written.get(index) ?? []))
    }
    await again.close()
  })
})

test('a truncation drops the whole batch over the offset, and appends go on there', async () => {
  const world = new StorageWorld({ seed: 3, host })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 1)
    for (let count = 0; count < 20; count++) await appendTo(log, 'old', { bytes: 1500, count: 3 })
    await log.truncateTo(offset(31))
    expect(log.endOffset()).toBe(30)
    expect(log.durableOffset()).toBe(30)
    await appendTo(log, 'new', { epoch: 2, count: 3 })
    expect(log.lastEpoch()).toBe(2)
    const before = concatBytes(await readAll(log))
    await world.pass(200)
    expect(concatBytes(await readAll(log))).toEqual(before)
    world.kill()
    const again = await world.open()
    const same = await makeLog(again, 1)
    expect(same.endOffset()).toBe(33)
    expect(same.epochs().entries()).toEqual(log.epochs().entries())
    expect(concatBytes(await readAll(same))).toEqual(before)
  })
})
