/**
 * The crash matrix of the storage engine, one test a line: crashes. They hit at many moments, since
 * it is the moment between two writes that counts. Faults and rot are in `storage-faults.test.ts`.
 */
import { expect, test } from 'vitest'
import { offset } from '../../src/base/id.ts'
import { makeBatch, makeLog, partition, topicOf } from '../../src/sim/storage/storage-world.ts'
import {
  expectWhole,
  inWorld,
  noSettle,
  passOutside,
  prefixOf,
  segmentBytes,
  untilSyncs,
  Writer,
} from './storage-matrix.ts'

test('after the journal write, before settling: the journal is replayed', async () => {
  await inWorld(1, async (world) => {
    const writer = new Writer(await makeLog(await world.open(), 0))
    await writer.append(20, 200)
    expect(segmentBytes(world)).toBe(0)
    world.powerOff()
    const directory = await expectWhole(world, [writer])
    expect(directory.report).toMatchObject({ wasClean: false, uncleanLogs: [] })
  })
})

test('after the run write, before its table batch: dead bytes, and replay writes behind them', async () => {
  await inWorld(2, async (world) => {
    const writer = new Writer(await makeLog(await world.open(), 0))
    await writer.append(45, 200)
    while (segmentBytes(world) < 8 * 1024) await world.pass(0.2)
    const dead = segmentBytes(world)
    world.powerOff()
    const directory = await expectWhole(world, [writer])
    const again = new Writer(await makeLog(directory, 0))
    again.batches.push(...writer.batches)
    await again.append(45, 200)
    await world.pass(200)
    expect(segmentBytes(world)).toBeGreaterThan(dead + 8 * 1024)
    world.powerOff()
    await expectWhole(world, [again])
  })
})

test('after the table batch, before the journal is used again: the journal’s entries are ignored', async () => {
  await inWorld(3, async (world) => {
    const writer = new Writer(await makeLog(await world.open(), 0))
    await writer.append(60, 200)
    await world.pass(300)
    world.powerOff()
    await expectWhole(world, [writer])
  })
})

test('the first write of a reused journal is torn: the life before is below the floor', async () => {
  const settings = { journalBytes: 32 * 1024, settleBytes: 4 * 1024 }
  let reusedCount = 0
  for (let syncs = 60; syncs < 260; syncs += 4) {
    await inWorld(
      `reused ${syncs}`,
      async (world) => {
        const directory = await world.open()
        const writers = [
          new Writer(await makeLog(directory, 0)),
          new Writer(await makeLog(directory, 1)),
        ]
        const writing = Promise.race(writers.map(async (writer) => writer.append(400, 1500)))
        await Promise.race([writing, untilSyncs(world, syncs)])
        world.powerOff()
        const files = world.machine.disk.filePaths().filter((path) => path.includes('/ack-'))
        if (syncs * 2048 > files.length * 32 * 1024) reusedCount += 1
        await expectWhole(world, writers)
      },
      { settings },
    )
  }
  expect(reusedCount).toBeGreaterThan(20)
})

test('during a truncation: the log is as before or as after, and as after once it was answered', async () => {
  for (let step = 0; step < 24; step++) {
    await inWorld(`truncation ${step}`, async (world) => {
      const writer = new Writer(await makeLog(await world.open(), 0))
      await writer.append(40, 400)
      await world.pass(100)
      await writer.append(5, 400)
      const answered = { is: false }
      const cutting = writer.log.truncateTo(offset(step % 2 === 0 ? 43 : 17)).then(() => {
        answered.is = true
      })
      await Promise.race([cutting, passOutside(world, step * 0.3)])
      world.powerOff()
      const log = await makeLog(await world.open(), 0)
      const count = await prefixOf(log, writer.batches)
      expect(answered.is ? [step % 2 === 0 ? 43 : 17] : [43, 17, 45]).toContain(count)
    })
  }
})

test('during a move of the log start: the log is as before, or empty at the new start', async () => {
  for (let step = 0; step < 16; step++) {
    await inWorld(`restart ${step}`, async (world) => {
      const writer = new Writer(await makeLog(await world.open(), 0))
      await writer.append(40, 400)
      const answered = { is: false }
      const moving = writer.log.restartAt(offset(100)).then(() => {
        answered.is = true
      })
      await Promise.race([moving, passOutside(world, step * 0.3)])
      world.powerOff()
      const log = await makeLog(await world.open(), 0)
      if (!answered.is && log.startOffset() === 0)
        expect(await prefixOf(log, writer.batches)).toBe(40)
      else expect([log.startOffset(), log.endOffset()]).toEqual([100, 100])
    })
  }
})

test('during delete and re-create: the new log never shows the old one’s bytes', async () => {
  for (let step = 0; step < 24; step++) {
    await inWorld(`drop ${step}`, async (world) => {
      const directory = await world.open()
      const old = new Writer(await makeLog(directory, 0))
      await old.append(40, 400)
      let fresh: Writer | undefined
      const replacing = (async () => {
        await directory.dropLog(topicOf(0), partition)
        fresh = new Writer(await makeLog(directory, 0))
        await fresh.append(3, 300, 2)
      })()
      await Promise.race([replacing, passOutside(world, step * 0.4)])
      world.powerOff()
      const log = (await world.open()).find(topicOf(0), partition)
      if (fresh === undefined && log !== undefined) expect([0, 40]).toContain(log.endOffset())
      if (fresh === undefined) return
      if (log === undefined) throw new Error('the new log is gone')
      expect(await prefixOf(log, fresh.batches)).toBeGreaterThanOrEqual(fresh.ackedCount)
    })
  }
})

test('a torn group, or one whose files are not all durable, is cut as a whole', async () => {
  let cutCount = 0
  for (let step = 0; step < 40; step++) {
    await inWorld(
      `group ${step}`,
      async (world) => {
        const directory = await world.open()
        const sizes = [5000, 6000, 300, 200]
        const writers = await Promise.all(
          sizes.map(async (_, index) => new Writer(await makeLog(directory, index))),
        )
        for (const [index, writer] of writers.entries()) await writer.append(3, sizes[index] ?? 1)
        await world.pass(200)
        // All in one turn: one group. The power goes while its files are being written.
        const before = writers.map((writer) => writer.batches.length)
        const appended = writers.map(async (writer, index) => writer.append(1, sizes[index] ?? 1))
        await Promise.race([...appended, passOutside(world, 0.02 + step * 0.005)])
        const isAnswered = writers.some((writer, index) => writer.ackedCount > (before[index] ?? 0))
        world.powerOff()
        const again = await world.open()
        const counts = await Promise.all(
          writers.map(async (writer, index) =>
            prefixOf(await makeLog(again, index), writer.batches),
          ),
        )
        const gained = counts.map((count, index) => count - (before[index] ?? 0))
        expect(new Set(gained).size).toBe(1)
        if (isAnswered) expect(gained[0]).toBe(1)
        if (gained[0] === 0) cutCount += 1
      },
      { settings: noSettle },
    )
  }
  expect(cutCount).toBeGreaterThan(3)
})

test('a crash right after such a cut leaves what the first one left, and what was cut stays cut', async () => {
  for (let step = 0; step < 30; step++) {
    await inWorld(`twice ${step}`, async (world) => {
      const directory = await world.open()
      const writer = new Writer(await makeLog(directory, 0))
      await writer.append(5, 5000)
      const lost = makeBatch({ base: writer.log.endOffset(), tag: 'lost ', bytes: 5000 })
      await Promise.race([writer.log.append(lost), passOutside(world, 0.05)])
      world.powerOff()
      const opening = world.open()
      await Promise.race([opening, passOutside(world, step * 0.3)])
      world.powerOff()
      const again = await world.open()
      const log = await makeLog(again, 0)
      const end: number = log.endOffset()
      expect(await prefixOf(log, [...writer.batches, lost])).toBe(end)
      const next = new Writer(log)
      next.batches.push(...[...writer.batches, lost].slice(0, end))
      await next.append(2, 300, 2)
      world.powerOff()
      await expectWhole(world, [next])
    })
  }
})

test('direct bytes that no journal row names are never used again', async () => {
  await inWorld(8, async (world) => {
    const writer = new Writer(await makeLog(await world.open(), 0))
    await writer.append(3, 5000)
    const lost = makeBatch({ base: writer.log.endOffset(), tag: 'lost ', bytes: 9000 })
    const rejected = expect(writer.log.append(lost)).rejects.toThrow()
    world.machine.disk.faults.inject({
      on: 'sync',
      code: 'io',
      afterCount: 0,
      pathPrefix: `${world.path}/journal`,
    })
    await rejected
    world.powerOff()
    const directory = await expectWhole(world, [writer])
    const next = new Writer(await makeLog(directory, 0))
    next.batches.push(...writer.batches)
    await next.append(3, 5000, 2)
    world.powerOff()
    await expectWhole(world, [next])
  })
})

test('a new file’s name cannot be lost once something in the file was answered', async () => {
  for (let seed = 0; seed < 20; seed++) {
    await inWorld(`names ${seed}`, async (world) => {
      const directory = await world.open()
      const writers = await Promise.all(
        [0, 1, 2].map(async (index) => new Writer(await makeLog(directory, index))),
      )
      await Promise.all(writers.map(async (writer) => writer.append(12, 6000)))
      world.powerOff()
      await expectWhole(world, writers)
    })
  }
})

test('kill -9 before the sync ended, restart, then power loss: what was vouched for is there', async () => {
  for (let step = 0; step < 30; step++) {
    await inWorld(`vouched ${step}`, async (world) => {
      const directory = await world.open()
      const writers = [
        new Writer(await makeLog(directory, 0)),
        new Writer(await makeLog(directory, 1)),
      ]
      for (const writer of writers) await writer.append(4, 5000)
      const writing = Promise.race(
        writers.map(async (writer, index) => writer.append(9, index === 0 ? 5000 : 300)),
      )
      await Promise.race([writing, passOutside(world, 0.02 + step * 0.02)])
      world.kill()
      const opened = await expectWhole(world, writers)
      const vouched = writers.map((writer) => writer.batches.length)
      expect(opened.logs()).toHaveLength(2)
      world.powerOff()
      const again = await world.open()
      for (const [index, count] of vouched.entries())
        expect((await makeLog(again, index)).endOffset()).toBe(count)
    })
  }
})
