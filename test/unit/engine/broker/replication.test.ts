import { expect, test } from 'vitest'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { type Offset } from '../../../../src/base/id.ts'
import { type HostedPartition } from '../../../../src/engine/broker/hosted-partition.ts'
import { offsetsOf, onBrokers, type BrokerStage } from './stage.ts'

async function bytesOf(hosted: HostedPartition | undefined): Promise<Uint8Array> {
  const slices: Uint8Array[] = []
  let from: Offset | undefined = hosted?.log.startOffset()
  while (hosted !== undefined && from !== undefined && from < hosted.log.endOffset()) {
    const read = await hosted.log.read({ from, bytesMax: 100_000 })
    slices.push(...read.slices)
    from = read.nextOffset
  }
  return concatBytes(slices)
}

async function inSync(stage: BrokerStage, topic: string, count: number): Promise<void> {
  while ((await stage.describe(topic)).isr.length !== count) await stage.sleep(10)
}

test('a follower that is killed leaves the ISR by evidence, long before its session ends', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    await stage.produce(1, id)
    stage.cluster.stop(stage.node(3), 'kill')
    const before = stage.nowMs()
    expect(await stage.produce(1, id)).toMatchObject({ baseOffset: 1 })
    expect(stage.nowMs() - before).toBeLessThan(1500)
    expect((await stage.describe('t')).isr).toEqual([1, 2])
  })
})

test('a replica that comes back catches up, joins the ISR and has the same bytes', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    stage.cluster.stop(stage.node(3), 'power-loss')
    await inSync(stage, 't', 2)
    for (let count = 0; count < 20; count++) {
      await stage.produce(1, id, { values: ['x'.repeat(1000)] })
    }
    stage.cluster.start(stage.node(3))
    await inSync(stage, 't', 3)
    const leading = await bytesOf(stage.replica(1, 't'))
    expect(leading.length).toBeGreaterThan(20_000)
    expect(await bytesOf(stage.replica(3, 't'))).toEqual(leading)
  })
})

test('what a killed leader acknowledged is read from the next, which goes on behind it', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    for (let count = 0; count < 5; count++) await stage.produce(1, id)
    stage.cluster.stop(stage.node(1), 'power-loss')
    while ((await stage.describe('t')).leader === 1) await stage.sleep(10)
    const next = await stage.leaderOf('t')
    expect(await stage.produce(next, id)).toMatchObject({ baseOffset: 5 })
    expect(offsetsOf(await stage.fetch(next, id))).toEqual([0, 1, 2, 3, 4, 5])
  })
})

test('a leader that was cut off cuts its own records when it is back, and keeps none of them', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    await stage.produce(1, id)
    const { links } = stage.cluster.network
    const [own, ...others] = stage.cluster.nodes.map(({ host }) => host)
    for (const other of others) {
      links.cut(own ?? '', other)
      links.cut(other, own ?? '')
    }
    await stage.produce(1, id, { acks: 1, values: ['lost'] })
    expect(stage.replica(1, 't')?.log.endOffset()).toBe(2)
    await stage.until(() => stage.replica(2, 't')?.state.registration()?.leader !== 1)
    const next = stage.replica(2, 't')?.state.registration()?.leader ?? 2
    await stage.until(() => stage.replica(next, 't')?.state.leader()?.hasEnoughInSync() === true)
    expect(await stage.produce(next, id, { values: ['kept'] })).toMatchObject({ baseOffset: 1 })
    links.healAll()
    await inSync(stage, 't', 3)
    expect(await bytesOf(stage.replica(1, 't'))).toEqual(await bytesOf(stage.replica(next, 't')))
  })
})

test('a controlled shutdown moves leadership first, and clients see no more than that', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    await stage.produce(1, id)
    const before = stage.nowMs()
    await stage.node(1).node?.shutdown()
    expect(stage.nowMs() - before).toBeLessThan(1500)
    stage.cluster.stop(stage.node(1), 'kill')
    const { leader = 0, isr } = await stage.describe('t')
    expect(isr).not.toContain(1)
    expect(await stage.produce(leader, id)).toMatchObject({ baseOffset: 1 })
  })
})

test('a deleted topic leaves the broker, and one of the same name starts empty', async () => {
  await onBrokers(1, async (stage) => {
    const first = await stage.topic('t', [1])
    await stage.produce(1, first)
    await stage.ask(1, 'delete-topics', { names: ['t'] })
    await stage.until(() => stage.replica(1, 't') === undefined)
    const second = await stage.topic('t', [1])
    expect(second).not.toBe(first)
    expect(stage.replica(1, 't')?.log.endOffset()).toBe(0)
    expect(await stage.produce(1, first)).toMatchObject({
      error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
    })
  })
})

test('a failed write ends the leadership, and the records’ fate is told as unknown', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    await stage.produce(1, id)
    const { disk } = stage.node(1).machine
    disk.faults.inject({ on: 'write', code: 'io', afterCount: 0, pathPrefix: '/data' })
    const outcome = await stage.produce(1, id)
    expect(['KAFKA_STORAGE_ERROR', 'UNKNOWN_OUTCOME']).toContain(outcome.error?.code)
    while ((await stage.describe('t')).leader === 1) await stage.sleep(10)
    expect((await stage.produce(await stage.leaderOf('t'), id)).error).toBeUndefined()
  })
})
