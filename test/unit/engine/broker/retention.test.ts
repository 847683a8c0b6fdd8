import { expect, test } from 'vitest'
import { offsetsOf, onBrokers } from './stage.ts'

const settings = { 'log.retention.bytes': '0', 'log.retention.check.interval.ms': '200' }

test('a leader deletes by retention below its high watermark, and followers take its start', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1, 2, 3])
      for (let count = 0; count < 5; count++) await stage.produce(1, id)
      const logs = [1, 2, 3].map((on) => stage.replica(on, 't')?.log)
      while (logs.some((log) => log?.startOffset() !== 5)) await stage.sleep(20)
      while (logs.some((log) => log?.segments().length !== 0)) await stage.sleep(20)
      expect(await stage.produce(1, id)).toMatchObject({ baseOffset: 5 })
      expect(offsetsOf(await stage.fetch(1, id, { from: 5 }))).toEqual([5])
    },
    settings,
  )
})

test('retention that is set on a topic counts from then on, without a restart', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1, 2, 3], { 'retention.ms': '-1' })
      for (let count = 0; count < 5; count++) await stage.produce(1, id)
      const logs = [1, 2, 3].map((on) => stage.replica(on, 't')?.log)
      await stage.sleep(1000)
      expect(logs.map((log) => log?.startOffset())).toEqual([0, 0, 0])
      const resource = { type: 'topic', name: 't' } as const
      const changes = [{ key: 'retention.bytes', value: '0' }]
      const request = { resources: [{ resource, changes }], validateOnly: false }
      expect(await stage.ask(1, 'alter-configs', request)).toMatchObject({ ok: true })
      await stage.until(() => logs.every((log) => log?.startOffset() === 5))
    },
    { 'log.retention.check.interval.ms': '200' },
  )
})

test('a topic that is deleted gives its space back on every replica', async () => {
  await onBrokers(3, async (stage) => {
    const disks = [1, 2, 3].map((on) => stage.node(on).machine.disk)
    const segments = (): readonly number[] =>
      disks.map((disk) => disk.filePaths().filter((path) => path.endsWith('.segment')).length)
    const id = await stage.topic('t', [1, 2, 3])
    const before = segments()
    const values = Array.from({ length: 100 }, () => 'x'.repeat(2000))
    for (let count = 0; count < 10; count++) await stage.produce(1, id, { values })
    expect(segments().every((count, at) => count > (before[at] ?? 0))).toBe(true)
    const used = disks.map((disk) => disk.usedBytes())
    expect(await stage.ask(1, 'delete-topics', { names: ['t'] })).toMatchObject({ ok: true })
    await stage.until(() => segments().every((count, at) => count <= (before[at] ?? 0)))
    for (const [at, disk] of disks.entries())
      expect((used[at] ?? 0) - disk.usedBytes()).toBeGreaterThan(1_900_000)
  })
})
