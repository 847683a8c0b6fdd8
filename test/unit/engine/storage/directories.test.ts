import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { clusterId, nodeId, offset } from '../../../../src/base/id.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { LogDirectory } from '../../../../src/engine/storage/log-directory.ts'
import { plainPolicy } from '../../../../src/engine/storage/partition-log.ts'
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

test('format refuses a directory that is formatted, and one that holds anything else', async () => {
  const world = new StorageWorld({ seed: 1, host })
  await world.scheduler.run(async () => {
    const { ports } = world.machine.start()
    await LogDirectory.format({ ...ports, ...owner, path: '/a' })
    await expect(LogDirectory.format({ ...ports, ...owner, path: '/a' })).rejects.toThrow(
      '/a is formatted already',
    )
    await ports.files.makeDirectory('/b')
    const file = await ports.files.open('/b/letters', { mode: 'create' })
    await file.write(0, [utf8('dear')])
    await expect(LogDirectory.format({ ...ports, ...owner, path: '/b' })).rejects.toThrow(
      '/b is not empty',
    )
    expect(await ports.files.list('/b')).toEqual(['letters'])
  })
})

test('open refuses what is not formatted, foreign, of another format, or in use, each by name', async () => {
  const world = new StorageWorld({ seed: 2, host })
  await world.scheduler.run(async () => {
    const { ports } = world.machine.start()
    const open = async (path: string, who = owner): Promise<LogDirectory> =>
      LogDirectory.open({ ports, path, ...who, settings: smallStorage })
    await expect(open('/none')).rejects.toMatchObject({ code: 'not-found' })
    await LogDirectory.format({ ...ports, ...owner, path: '/a' })
    const other = { ...owner, clusterId: clusterId('D'.repeat(22)) }
    await expect(open('/a', other)).rejects.toThrow('/a belongs to cluster CCCC')
    await expect(open('/a', { ...owner, nodeId: nodeId(2) })).rejects.toThrow('belongs to node 1')
    const directory = await open('/a')
    await directory.close()
    const marker = await ports.files.open('/a/sluice.properties', { mode: 'write' })
    await marker.write(0, [utf8('format=7')])
    const newer = open('/a')
    await expect(newer).rejects.toThrow('is of format 7')
    await expect(newer).rejects.toThrow('start it with the version that wrote it, or a later one')
    await marker.write(0, [utf8('format=1')])
    const older = open('/a')
    await expect(older).rejects.toThrow('is of format 1')
    await expect(older).rejects.toThrow('run `sluice format --ignore-formatted`')
  })
})

test('a log that is made again is the one that is there', async () => {
  const world = new StorageWorld({ seed: 3, host })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const [one, two] = await Promise.all([makeLog(directory, 5), makeLog(directory, 5)])
    expect(one).toBe(two)
    expect(directory.find(topicOf(5), partition)).toBe(one)
    expect(directory.logs()).toEqual([one])
  })
})

test('a dropped log is gone with its files, and its successor starts empty', async () => {
  const world = new StorageWorld({ seed: 4, host })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 0)
    for (let left = 20; left > 0; left--) await appendTo(log, 'old', { bytes: 2000 })
    await directory.dropLog(topicOf(0), partition)
    await directory.dropLog(topicOf(1), partition)
    expect(directory.find(topicOf(0), partition)).toBeUndefined()
    expect((await makeLog(directory, 0)).endOffset()).toBe(0)
    await world.pass(500)
    await directory.close()
    world.kill()
    const again = await world.open()
    expect(again.logs().map((each): number => each.endOffset())).toEqual([0])
    await world.pass(500)
    expect(world.machine.disk.filePaths().filter((path) => path.endsWith('.segment'))).toEqual([])
  })
})

test('a segment rolls by size, and all of it is found again', async () => {
  const world = new StorageWorld({ seed: 5, host })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 0, 'ack', 16 * 1024)
    for (let left = 60; left > 0; left--) await appendTo(log, 'roll', { bytes: 3000 })
    await directory.close()
    world.kill()
    const segments = world.machine.disk.filePaths().filter((path) => path.endsWith('.segment'))
    expect(segments.length).toBeGreaterThan(9)
    const again = await world.open()
    expect(again.report.uncleanLogs).toEqual([])
    expect((await makeLog(again, 0)).endOffset()).toBe(60)
  })
})

test('appends beyond the bound on unsettled bytes wait for settling instead of growing memory', async () => {
  const settings = { unsettledBytesMax: 16 * 1024, settleBytes: 1e9, directBytesMin: 1e9 }
  const world = new StorageWorld({ seed: 6, host, settings })
  await world.scheduler.run(async () => {
    await world.format()
    const log = await makeLog(await world.open(), 0)
    const appended: Promise<unknown>[] = []
    for (let base = 0; base < 100; base++)
      appended.push(log.append(makeBatch({ base, tag: 'wait', bytes: 2000 })))
    await Promise.all(appended)
    expect(log.durableOffset()).toBe(100)
    const inFiles = world.machine.disk.filePaths().filter((path) => path.endsWith('.segment'))
    expect(inFiles).not.toEqual([])
  })
})

test('below its reserve a directory says so, also when idle; far below it takes nothing, until space returns', async () => {
  const settings = { reserveBytes: 40 * 1024 * 1024 }
  const world = new StorageWorld({ seed: 7, host, settings })
  await world.scheduler.run(async () => {
    const { disk } = world.machine
    disk.capacityBytes = 64 * 1024 * 1024
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 0)
    const fill = async (): Promise<void> => {
      for (;;) await appendTo(log, 'fill', { bytes: 400_000 })
    }
    disk.capacityBytes = disk.usedBytes() + 39 * 1024 * 1024
    while (directory.state() !== 'low') await directory.stateChanged.wait()
    await expect(fill()).rejects.toMatchObject({ code: 'no-space' })
    expect(directory.state()).toBe('full')
    expect((await log.read({ from: offset(0), bytesMax: 1 })).nextOffset).toBe(1)
    disk.capacityBytes = Infinity
    while (directory.state() !== 'online') await directory.stateChanged.wait()
    await appendTo(log, 'again')
  })
})

test('a segment file that nothing names is kept, reported, and removed only on demand', async () => {
  const world = new StorageWorld({ seed: 9, host })
  await world.scheduler.run(async () => {
    await world.format()
    const directory = await world.open()
    await appendTo(await makeLog(directory, 0), 'kept', { bytes: 9000 })
    await directory.close()
    world.kill()
    const { ports, process } = world.machine.start()
    const path = `${world.path}/segments/00ff00ff.segment`
    const file = await ports.files.open(path, { mode: 'create' })
    await file.write(0, [new Uint8Array(500)])
    process.kill()
    const again = await world.open()
    expect(world.machine.disk.filePaths()).toContain(path)
    expect(await again.removeStrays()).toBe(1)
    expect(await again.removeStrays()).toBe(0)
    expect(world.machine.disk.filePaths()).not.toContain(path)
    expect((await makeLog(again, 0)).endOffset()).toBe(1)
  })
})

test('a log keeps what it has when its flush mode changes back and forth', async () => {
  const world = new StorageWorld({ seed: 8, host })
  await world.scheduler.run(async () => {
    await world.format()
    const log = await makeLog(await world.open(), 0)
    for (const mode of ['interval', 'ack', 'interval', 'ack'] as const) {
      await appendTo(log, mode, { bytes: 900 })
      await appendTo(log, mode, { bytes: 6000 })
      await log.configure(plainPolicy(mode, 65_536))
    }
    world.powerOff()
    const again = await world.open()
    expect(again.report.uncleanLogs).toEqual([])
    expect((await makeLog(again, 0)).endOffset()).toBe(8)
  })
})

test('a disk that is full lets a directory come back at once to have records dropped: it has a ballast', async () => {
  const settings = { ballastBytes: 4 * 1024 * 1024 }
  const world = new StorageWorld({ seed: 12, host, settings })
  await world.scheduler.run(async () => {
    const { disk } = world.machine
    await world.format()
    const directory = await world.open()
    const log = await makeLog(directory, 0)
    await world.pass(2000)
    expect(disk.filePaths()).toContain('/sluice/data/ballast')
    await appendTo(log, 'kept', { bytes: 400_000 })
    disk.capacityBytes = disk.usedBytes()
    const fill = async (): Promise<void> => {
      for (;;) await appendTo(log, 'fill', { bytes: 400_000 })
    }
    await expect(fill()).rejects.toMatchObject({ code: 'no-space' })
    await world.pass(2000)
    expect(disk.filePaths()).not.toContain('/sluice/data/ballast')
    await directory.dropLog(log.topicId, log.partition)
    disk.capacityBytes = Infinity
    await world.pass(3000)
    expect(directory.state()).toBe('online')
    expect(disk.filePaths()).toContain('/sluice/data/ballast')
    await directory.close()
  })
})
