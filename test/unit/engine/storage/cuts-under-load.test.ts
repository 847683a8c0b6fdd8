import { expect, test } from 'vitest'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { offset } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { plainPolicy, type PartitionLog } from '../../../../src/engine/storage/partition-log.ts'
import { type StorageSettings } from '../../../../src/engine/storage/storage-settings.ts'
import {
  appendTo,
  makeBatch,
  makeLog,
  readAll,
  StorageWorld,
} from '../../../../src/sim/storage/storage-world.ts'

const host = openSimHost()

/** Runs in a formatted world of its own. */
async function inWorld(
  seed: number,
  work: (world: StorageWorld) => Promise<void>,
  settings: Partial<StorageSettings> = {},
): Promise<void> {
  const world = new StorageWorld({ seed, host, settings })
  await world.scheduler.run(async () => {
    await world.format()
    await work(world)
  })
}

/** What became of a promise within so much virtual time. */
async function within(
  world: StorageWorld,
  work: Promise<unknown>,
  ms = 10_000,
): Promise<'resolved' | 'rejected' | 'pending'> {
  const states: ('resolved' | 'rejected')[] = []
  work.then(
    () => states.push('resolved'),
    () => states.push('rejected'),
  )
  for (let passed = 0; passed < ms && states.length === 0; passed += 10) await world.pass(10)
  return states[0] ?? 'pending'
}

/** So many appends that the next ones are held back. */
async function fill(log: PartitionLog, bytes: number): Promise<void> {
  const { length } = makeBatch({ base: 0, tag: 'a', bytes: 300 })
  for (let written = 0; written < bytes; written += length) await appendTo(log, 'a', { bytes: 300 })
}

test('the end moves at once with appends that come during a change of mode', async () => {
  await inWorld(1, async (world) => {
    const directory = await world.open()
    const log = await makeLog(directory, 1)
    const batches: Uint8Array[] = []
    const answers: Promise<unknown>[] = []
    const append = (): void => {
      const batch = makeBatch({ base: log.endOffset(), tag: `v${batches.length}`, bytes: 300 })
      batches.push(batch)
      answers.push(log.append(batch))
    }
    for (const mode of ['interval', 'ack', 'interval'] as const) {
      append()
      const changed = within(world, log.configure(plainPolicy(mode, 65_536)))
      for (let count = 0; count < 40; count++) {
        const end = log.endOffset()
        append()
        expect(log.endOffset()).toBe(end + 1)
        await world.pass(count % 3)
      }
      expect(await changed).toBe('resolved')
    }
    await Promise.all(answers)
    expect(log.durableOffset()).toBe(batches.length)
    expect(concatBytes(await readAll(log))).toEqual(concatBytes(batches))
    await directory.close()
    world.kill()
    const again = await makeLog(await world.open(), 1)
    expect(concatBytes(await readAll(again))).toEqual(concatBytes(batches))
  })
})

test('appends during a change of mode keep their place before a truncation that follows', async () => {
  await inWorld(2, async (world) => {
    const directory = await world.open()
    const log = await makeLog(directory, 1)
    for (let count = 0; count < 5; count++) await appendTo(log, 'a')
    const changed = log.configure(plainPolicy('interval', 65_536))
    const appended = [appendTo(log, 'b'), appendTo(log, 'c')]
    const cut = log.truncateTo(offset(6))
    expect(await within(world, Promise.all([changed, ...appended, cut]))).toBe('resolved')
    expect(log.endOffset()).toBe(6)
    await appendTo(log, 'd', { epoch: 2 })
    await directory.close()
    world.kill()
    const again = await makeLog(await world.open(), 1)
    expect(again.endOffset()).toBe(7)
    expect(await readAll(again)).not.toHaveLength(0)
  })
})

for (const [name, act] of [
  ['truncation', async (log: PartitionLog) => log.truncateTo(offset(3))],
  ['change of mode', async (log: PartitionLog) => log.configure(plainPolicy('interval', 65_536))],
] as const)
  test(`a ${name} of a log whose appends are held back does not stop the directory`, async () => {
    await inWorld(
      3,
      async (world) => {
        const directory = await world.open()
        const log = await makeLog(directory, 1)
        const other = await makeLog(directory, 2)
        await fill(log, 3000)
        const held = appendTo(log, 'x', { bytes: 300 })
        const acted = act(log)
        expect(await within(world, Promise.all([held, acted]))).toBe('resolved')
        expect(await within(world, appendTo(other, 'o'))).toBe('resolved')
        expect(await within(world, directory.close())).toBe('resolved')
      },
      { settleBytes: 1e9, unsettledBytesMax: 3000 },
    )
  })

test('an append too large for the journal does not keep a second cut from coming through', async () => {
  await inWorld(
    4,
    async (world) => {
      const directory = await world.open()
      const logs = await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map(async (index) => makeLog(directory, index)),
      )
      for (const log of logs)
        for (let count = 0; count < 6; count++) await appendTo(log, 'a', { bytes: 200 })
      const cuts = logs.map(async (log) => {
        await log.truncateTo(offset(4))
        const large = appendTo(log, 'large', { bytes: 30 * 1024, epoch: 2 })
        await Promise.all([large, log.truncateTo(offset(3))])
      })
      expect(await within(world, Promise.all(cuts))).toBe('resolved')
      for (const log of logs) expect(log.endOffset()).toBe(3)
      expect(await within(world, directory.close())).toBe('resolved')
    },
    { settleBytes: 1e9, unsettledBytesMax: 1e9 },
  )
})

test('a start move that waited while its place was cut off is refused, and nothing else happens', async () => {
  await inWorld(5, async (world) => {
    const log = await makeLog(await world.open(), 1)
    for (let count = 0; count < 20; count++) await appendTo(log, 'a', { bytes: 200 })
    const cutting = log.truncateTo(offset(10))
    await expect(log.startAt(offset(15))).rejects.toMatchObject({ code: 'closed' })
    await cutting
    expect([log.startOffset(), log.endOffset()]).toEqual([0, 10])
    await log.startAt(offset(10))
    expect(await appendTo(log, 'b')).toBe(11)
  })
})
