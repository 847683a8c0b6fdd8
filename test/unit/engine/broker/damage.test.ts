import { expect, test } from 'vitest'
import { partitionIndex } from '../../../../src/base/id.ts'
import { type ListedOffset } from '../../../../src/core/api/list-offsets.ts'
import { type HostedPartition } from '../../../../src/engine/broker/hosted-partition.ts'
import { onBrokers, type BrokerStage } from './stage.ts'

const batchCount = 60
/** Little enough that most of the log has to come from disk. */
const settings = { 'log.tail.cache.bytes': '100000' }

async function fill(stage: BrokerStage, topicId: Parameters<BrokerStage['produce']>[1]) {
  for (let count = 0; count < batchCount; count++) {
    await stage.produce(1, topicId, { values: [`v${count}`.repeat(8000)] })
  }
  await stage.sleep(1500)
}

/** Damages the first batch of every segment file with records: its header, or its body alone. */
function damage(stage: BrokerStage, id: number, where: 'header' | 'body' = 'header'): void {
  const { disk } = stage.node(id).machine
  for (const path of disk.filePaths()) {
    if (path.includes('/data/') && path.endsWith('.segment'))
      disk.flipBit(path, 64 + (where === 'header' ? 20 : 500))
  }
}

/** Another leads, and the one with the damage has all bytes again and is in the ISR. */
async function isHealed(stage: BrokerStage, id: number): Promise<void> {
  await stage.until(() => stage.replica(id, 't')?.log.damagedFrom() !== undefined)
  await stage.until(() => stage.replica(id, 't')?.log.damagedFrom() === undefined)
  await stage.until(() => stage.replica(id, 't')?.state.registration()?.isr.length === 3)
  expect(await isReadable(stage.replica(id, 't'))).toBe(true)
}

async function isReadable(hosted: HostedPartition | undefined): Promise<boolean> {
  if (hosted === undefined) return false
  for (let from = hosted.log.startOffset(); from < hosted.log.endOffset();) {
    try {
      const query = { from, bytesMax: 1_000_000, provesBodies: true }
      from = (await hosted.log.read(query)).nextOffset
    } catch {
      return false
    }
  }
  return hosted.log.endOffset() === batchCount
}

test('a leader with damaged bytes is in the ISR again only when it has them from its successor', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1, 2, 3])
      await fill(stage, id)
      damage(stage, 1)
      expect(await stage.fetch(1, id)).toMatchObject({ error: { code: 'KAFKA_STORAGE_ERROR' } })
      await stage.until(() => stage.replica(2, 't')?.state.registration()?.leader !== 1)
      await stage.until(() => stage.replica(2, 't')?.state.registration()?.isr.length === 3)
      expect(await isReadable(stage.replica(1, 't'))).toBe(true)
      expect(stage.replica(1, 't')?.log.damagedFrom()).toBeUndefined()
      await stage.until(() => stage.replica(1, 't')?.state.leader() !== undefined)
      expect((await stage.fetch(1, id))?.records.length).toBeGreaterThan(0)
    },
    settings,
  )
})

test('a time that leads to damage, be it in records alone, is answered by the successor', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1, 2, 3])
      const other = await stage.topic('u', [1])
      await fill(stage, id)
      damage(stage, 1, 'body')
      const question = { type: 'at-time', timestampMs: 1 } as const
      const list = async (from: number): Promise<readonly ListedOffset[]> => {
        const partitions = [id, other].map((topicId) => ({
          topicId,
          partition: partitionIndex(0),
          question,
        }))
        const outcome = await stage.ask(from, 'list-offsets', { partitions })
        return outcome.ok ? outcome.value.partitions : []
      }
      const [damaged, sound] = await list(1)
      expect(damaged?.error?.code).toBe('KAFKA_STORAGE_ERROR')
      expect(sound).not.toHaveProperty('error')
      await isHealed(stage, 1)
      expect((await list(await stage.leaderOf('t')))[0]).toMatchObject({ offset: 0 })
    },
    settings,
  )
})

test('a damaged log that nobody else can give is failed by name, and nothing of it is dropped', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1])
      await fill(stage, id)
      damage(stage, 1)
      const { leaderEpoch = 0 } = stage.replica(1, 't')?.state.registration() ?? {}
      for (let count = 0; count < 3; count++) {
        const fetched = await stage.fetch(1, id)
        expect(fetched).toMatchObject({ error: { code: 'KAFKA_STORAGE_ERROR' } })
        await stage.sleep(1000)
      }
      // It gave the lead up once, and got it back since nobody else can lead.
      expect(stage.replica(1, 't')?.state.registration()?.leaderEpoch).toBe(leaderEpoch + 1)
      expect(stage.replica(1, 't')?.log.endOffset()).toBe(batchCount)
      expect((await stage.fetch(1, id, { from: batchCount - 1 }))?.records.length).toBe(1)
    },
    settings,
  )
})

test('damage that a restart finds is out of the ISR until the leader has given the bytes again', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1, 2, 3])
      await fill(stage, id)
      damage(stage, 1)
      const { links } = stage.cluster.network
      const [own, ...others] = stage.cluster.nodes.map(({ host }) => host)
      for (const other of others) {
        links.cut(own ?? '', other)
        links.cut(other, own ?? '')
      }
      expect(await stage.fetch(1, id)).toMatchObject({ error: { code: 'KAFKA_STORAGE_ERROR' } })
      await stage.sleep(100)
      stage.cluster.stop(stage.node(1), 'kill')
      links.healAll()
      await stage.until(() => stage.replica(2, 't')?.state.registration()?.isr.length === 2)
      stage.cluster.start(stage.node(1))
      await stage.until(() => stage.replica(2, 't')?.state.registration()?.isr.length === 3)
      expect(await isReadable(stage.replica(1, 't'))).toBe(true)
    },
    settings,
  )
})

test('rot in a body is found when a reader says that what it got does not prove itself', async () => {
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1, 2, 3])
      await fill(stage, id)
      damage(stage, 1, 'body')
      expect((await stage.fetch(1, id))?.error).toBeUndefined()
      expect(stage.replica(1, 't')?.log.damagedFrom()).toBeUndefined()
      const checked = await stage.fetch(1, id, { isSuspect: true })
      expect(checked).toMatchObject({ error: { code: 'KAFKA_STORAGE_ERROR' } })
      await isHealed(stage, 1)
    },
    settings,
  )
})

test.each([1, 2])(
  'rot in a body that nobody reads is found by the scrubber of broker %i',
  async (at) => {
    await onBrokers(
      3,
      async (stage) => {
        const id = await stage.topic('t', [1, 2, 3])
        await fill(stage, id)
        damage(stage, at, 'body')
        await isHealed(stage, at)
      },
      { ...settings, 'log.scrub.interval.ms': '3000' },
    )
  },
)

test('a single replica with damage leads again after a restart: all but the damage is served', async () => {
  await onBrokers(
    1,
    async (stage) => {
      const id = await stage.topic('t', [1])
      await fill(stage, id)
      damage(stage, 1)
      expect(await stage.fetch(1, id)).toMatchObject({ error: { code: 'KAFKA_STORAGE_ERROR' } })
      await stage.sleep(500)
      stage.cluster.stop(stage.node(1), 'power-loss')
      stage.cluster.start(stage.node(1))
      await stage.until(() => stage.replica(1, 't')?.state.leader() !== undefined)
      expect(await stage.fetch(1, id)).toMatchObject({ error: { code: 'KAFKA_STORAGE_ERROR' } })
      await stage.until(() => stage.replica(1, 't')?.state.leader() !== undefined)
      expect((await stage.fetch(1, id, { from: batchCount - 1 }))?.records.length).toBe(1)
      expect(stage.replica(1, 't')?.log.endOffset()).toBe(batchCount)
    },
    settings,
  )
})
