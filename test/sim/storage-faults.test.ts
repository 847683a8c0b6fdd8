/** The crash matrix of the storage engine, one test a line: failing disks, flipped bits, lost power of unsynced modes. */
import { expect, test } from 'vitest'
import { directoryId, epoch, nodeId, offset } from '../../src/base/id.ts'
import { openSimHost } from '../../src/edge/system/sim-host.ts'
import { ElectionStore } from '../../src/engine/storage/election-store.ts'
import { extentKey, idKey } from '../../src/engine/storage/keys.ts'
import { type LogRead } from '../../src/engine/storage/partition-log.ts'
import { makeLog, StorageWorld, topicOf } from '../../src/sim/storage/storage-world.ts'
import { expectWhole, inWorld, noSettle, prefixOf, Writer } from './storage-matrix.ts'

const faults = [
  { on: 'write', code: 'no-space' },
  { on: 'write', code: 'io' },
  { on: 'sync', code: 'io' },
] as const

test.each(faults)(
  'a $code at any k-th $on poisons: reads go on, what was answered stays',
  async (fault) => {
    for (let k = 0; k < 60; k++) {
      await inWorld(`${fault.on} ${fault.code} ${k}`, async (world) => {
        const directory = await world.open()
        const writers = await Promise.all(
          [0, 1].map(async (index) => new Writer(await makeLog(directory, index))),
        )
        world.machine.disk.faults.inject({ ...fault, afterCount: k })
        await Promise.allSettled(
          writers.map(async (writer, index) => writer.append(40, index === 0 ? 5000 : 700)),
        )
        if (directory.state() === 'offline') {
          for (const writer of writers) {
            expect(writer.log.endOffset()).toBe(writer.log.durableOffset())
            expect(await prefixOf(writer.log, writer.batches)).toBeGreaterThanOrEqual(
              writer.ackedCount,
            )
            await expect(writer.append(1, 100)).rejects.toThrow()
          }
        }
        if (directory.state() === 'full') {
          while (directory.state() !== 'online') await directory.stateChanged.wait()
          for (const writer of writers)
            expect(await prefixOf(writer.log, writer.batches)).toBeGreaterThanOrEqual(
              writer.ackedCount,
            )
        }
        world.powerOff()
        await expectWhole(world, writers)
      })
    }
  },
)

test('a disk without room makes the directory full; it comes back by itself when there is room', async () => {
  await inWorld(12, async (world) => {
    const { disk } = world.machine
    const directory = await world.open()
    const writer = new Writer(await makeLog(directory, 0))
    await writer.append(10, 5000)
    disk.capacityBytes = disk.usedBytes() + 8000
    await expect(writer.append(100, 5000)).rejects.toMatchObject({ code: 'no-space' })
    expect(directory.state()).toBe('full')
    expect(await prefixOf(writer.log, writer.batches)).toBe(writer.ackedCount)
    await world.pass(5000)
    expect(directory.state()).toBe('full')
    disk.capacityBytes = Infinity
    while (directory.state() !== 'online') await directory.stateChanged.wait()
    writer.batches.length = await prefixOf(writer.log, writer.batches)
    await writer.append(5, 5000, 2)
    expect(await prefixOf(writer.log, writer.batches)).toBe(writer.batches.length)
  })
})

test('after a failed sync a restart in the same boot calls every log unclean and trusts only the mark', async () => {
  await inWorld(13, async (world) => {
    const directory = await world.open()
    const writer = new Writer(await makeLog(directory, 0))
    await writer.append(10, 300)
    world.machine.disk.faults.inject({ on: 'sync', code: 'io', afterCount: 0 })
    await expect(writer.append(1, 300)).rejects.toThrow()
    expect(directory.state()).toBe('offline')
    await world.pass(50)
    world.kill()
    const again = await world.open()
    expect(again.report.uncleanLogs).toMatchObject([{ reason: 'corrupt' }])
    expect(await prefixOf(await makeLog(again, 0), writer.batches)).toBeLessThanOrEqual(10)
    // Until the controller has taken note, every later start says so again.
    world.kill()
    const third = await world.open()
    expect(third.report.uncleanLogs).toHaveLength(1)
    await third.reportIsTaken()
    world.kill()
    expect((await world.open()).report.uncleanLogs).toHaveLength(0)
  })
})

test('interval: a process kill loses nothing, a power loss a suffix, and then the log is unclean', async () => {
  for (let seed = 0; seed < 20; seed++) {
    await inWorld(`interval ${seed}`, async (world) => {
      const directory = await world.open()
      const writer = new Writer(await makeLog(directory, 0, 'interval'))
      await writer.append(30, seed % 2 === 0 ? 5000 : 500)
      world.kill()
      const killed = await expectWhole(world, [writer])
      expect(killed.report.uncleanLogs).toEqual([])
      const log = await makeLog(killed, 0)
      const synced: number = log.endOffset()
      await world.pass(200)
      const more = new Writer(log)
      more.batches.push(...writer.batches)
      await more.append(10, 500)
      world.powerOff()
      const again = await world.open()
      expect(again.report.uncleanLogs).toMatchObject([{ reason: 'interval' }])
      const count = await prefixOf(await makeLog(again, 0), more.batches)
      expect(count).toBeGreaterThanOrEqual(synced)
      expect(again.report.uncleanLogs[0]?.endOffset).toBe(count)
    })
  }
})

test('a flipped bit in any row is seen: the log is cut there and unclean, or the open is refused by name', async () => {
  for (let byteAt = 0; byteAt < 60; byteAt++) {
    await inWorld(`row ${byteAt}`, async (world) => {
      const directory = await world.open()
      const writers = await Promise.all(
        [0, 1].map(async (index) => new Writer(await makeLog(directory, index))),
      )
      for (const writer of writers) await writer.append(30, 1500)
      await directory.close()
      world.kill()
      const table = world.machine.disk.find(`${world.path}/table`)
      if (table?.type !== 'database') throw new Error('no table')
      const keys = table.database.rows
        .map(({ entry }) => entry.key)
        .filter((key) =>
          [idKey('tail', 1), idKey('log', 1), extentKey('extent', 1, 0)].some(
            (like) => like[0] === key[0] && key[4] === 1,
          ),
        )
      const key = keys[byteAt % keys.length]
      if (key === undefined) throw new Error('no row')
      table.database.flipBit(key, byteAt * 7)
      const isLogRow = key[0] === idKey('log', 1)[0]
      if (isLogRow) {
        await expect(world.open()).rejects.toMatchObject({ code: 'corrupt' })
        return
      }
      const again = await world.open()
      expect(again.report.uncleanLogs).toMatchObject([{ topicId: topicOf(0), reason: 'corrupt' }])
      await prefixOf(await makeLog(again, 0), writers[0]?.batches ?? [])
      expect(await prefixOf(await makeLog(again, 1), writers[1]?.batches ?? [])).toBe(30)
    })
  }
})

test('a table batch that LevelDB lost makes every log of the directory unclean', async () => {
  await inWorld(16, async (world) => {
    const directory = await world.open()
    const writer = new Writer(await makeLog(directory, 0))
    await writer.append(30, 1500)
    await directory.close()
    world.kill()
    const table = world.machine.disk.find(`${world.path}/table`)
    if (table?.type !== 'database') throw new Error('no table')
    const numbers = table.database.rows.filter(({ entry }) => entry.key[0] === 'b'.charCodeAt(0))
    table.database.flipBit(numbers.at(-2)?.entry.key ?? new Uint8Array(0), 3)
    const again = await world.open()
    expect(again.report.uncleanLogs).toMatchObject([{ reason: 'corrupt' }])
    expect(await prefixOf(await makeLog(again, 0), writer.batches)).toBe(30)
  })
})

test('a flipped bit in the journal below the mark is corruption, never wrong bytes', async () => {
  for (let at = 0; at < 40; at++) {
    await inWorld(
      `journal ${at}`,
      async (world) => {
        const directory = await world.open()
        const writer = new Writer(await makeLog(directory, 0))
        await writer.append(20, 900)
        await world.pass(100)
        world.kill()
        // Groups of one batch of 900 bytes each, at 4 KiB boundaries, after the opening group.
        const position = 4096 * (1 + (at % 6)) + ((at * 53) % 1000)
        world.machine.disk.flipBit(`${world.path}/journal/ack-000001.journal`, position, at % 8)
        const again = await world.open()
        const count = await prefixOf(await makeLog(again, 0), writer.batches)
        if (count < 20) expect(again.report.uncleanLogs).toMatchObject([{ reason: 'corrupt' }])
      },
      { settings: noSettle },
    )
  }
})

test('a flipped bit in a segment file fails that range by name; the rest is served', async () => {
  await inWorld(
    18,
    async (world) => {
      const directory = await world.open()
      const log = await makeLog(directory, 0)
      const writer = new Writer(log)
      for (let left = 6; left > 0; left--) {
        await writer.append(1, 5000)
        await world.pass(100)
      }
      const path = world.machine.disk.filePaths().find((each) => each.endsWith('.segment')) ?? ''
      // Into the header of the third batch.
      world.machine.disk.flipBit(path, 64 + 2 * (writer.batches[0]?.length ?? 0) + 30)
      const from = async (at: number): Promise<LogRead> =>
        log.read({ from: offset(at), bytesMax: 1 })
      await expect(from(2)).rejects.toMatchObject({ code: 'corrupt' })
      expect((await from(0)).nextOffset).toBe(1)
      expect((await from(4)).nextOffset).toBe(5)
      await directory.close()
      world.kill()
      // It is remembered, and takes nothing else with it: all that was acknowledged keeps its offset.
      const again = await world.open()
      expect(again.report.uncleanLogs).toMatchObject([
        { topicId: topicOf(0), reason: 'damaged', endOffset: 6 },
      ])
      const same = await makeLog(again, 0)
      expect(same.damagedFrom()).toBe(2)
      await expect(same.read({ from: offset(2), bytesMax: 1 })).rejects.toMatchObject({
        code: 'corrupt',
      })
      expect((await same.read({ from: offset(0), bytesMax: 1e6 })).nextOffset).toBe(2)
      expect((await same.read({ from: offset(3), bytesMax: 1e6 })).nextOffset).toBe(6)
      // Rebuilt: cut off and written again.
      await same.truncateTo(offset(2))
      const rebuilt = new Writer(same)
      rebuilt.batches.push(...writer.batches.slice(0, 2))
      await rebuilt.append(6, 5000, 2)
      await again.reportIsTaken()
      world.powerOff()
      expect((await expectWhole(world, [rebuilt])).report.uncleanLogs).toEqual([])
    },
    { settings: { tailCacheBytes: 0 } },
  )
})

test('a flipped bit in a slot of the mark leaves the other slot, which is safe to use', async () => {
  for (let slot = 0; slot < 2; slot++) {
    await inWorld(
      `mark ${slot}`,
      async (world) => {
        const directory = await world.open()
        const writer = new Writer(await makeLog(directory, 0))
        await writer.append(120, 1500)
        await world.pass(100)
        world.powerOff()
        world.machine.disk.flipBit(`${world.path}/mark`, slot * 4096 + 20)
        const again = await expectWhole(world, [writer])
        expect(again.report.uncleanLogs).toEqual([])
      },
      { settings: { journalBytes: 32 * 1024 } },
    )
  }
})

test('a flipped bit in a slot of the election state cannot bring an older vote back', async () => {
  for (let slot = 0; slot < 2; slot++) {
    const world = new StorageWorld({ seed: slot, host: openSimHost() })
    await world.scheduler.run(async () => {
      await world.format()
      const path = `${world.path}/election`
      const votedFor = { nodeId: nodeId(3), directoryId: directoryId('d'.repeat(22)) }
      const first = world.machine.start()
      const store = await ElectionStore.open({ files: first.ports.files, path })
      await store.save({ epoch: epoch(4), leaderId: nodeId(2) })
      await store.save({ epoch: epoch(5), votedFor })
      world.powerOff()
      world.machine.disk.flipBit(path, slot * 4096 + 17)
      const { ports } = world.machine.start()
      const again = await ElectionStore.open({ files: ports.files, path })
      expect(again.load()).toEqual({ epoch: 5, votedFor })
    })
  }
})

test('the metadata log’s mark follows each group, and goes down before a truncation', async () => {
  await inWorld(
    21,
    async (world) => {
      const writer = new Writer(await makeLog(await world.open(), 0))
      await writer.append(5, 200, 1)
      await writer.append(3, 200, 2)
      expect(writer.log.markedEnd()).toEqual({ epoch: 2, endOffset: 8 })
      await writer.log.truncateTo(offset(4))
      world.powerOff()
      const log = await makeLog(await world.open(), 0)
      expect(log.endOffset()).toBe(4)
      expect(log.markedEnd()).toEqual({ epoch: 1, endOffset: 4 })
    },
    { markEachGroup: true },
  )
})

test('a metadata log that lost answered groups is short of its mark until it has gone past it', async () => {
  await inWorld(
    22,
    async (world) => {
      const writer = new Writer(await makeLog(await world.open(), 0))
      await writer.append(8, 200, 2)
      world.kill()
      // The last two groups rot.
      for (const group of [8, 7])
        world.machine.disk.flipBit(`${world.path}/journal/ack-000001.journal`, group * 4096 + 5)
      const again = await world.open()
      const log = await makeLog(again, 0)
      expect(log.endOffset()).toBe(6)
      expect(log.markedEnd()).toEqual({ epoch: 2, endOffset: 8 })
      expect(again.report.uncleanLogs).toMatchObject([{ reason: 'corrupt' }])
      const next = new Writer(log)
      next.batches.push(...writer.batches.slice(0, 6))
      await next.append(1, 200, 2)
      expect(log.markedEnd()).toEqual({ epoch: 2, endOffset: 8 })
      await next.append(1, 200, 3)
      expect(log.markedEnd()).toEqual({ epoch: 3, endOffset: 8 })
    },
    { markEachGroup: true },
  )
})
