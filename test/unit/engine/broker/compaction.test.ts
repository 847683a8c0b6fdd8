/** Compacted topics at the broker: what is refused, and what replicas end up with. */
import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { epoch, offset, type TopicId } from '../../../../src/base/id.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'
import {
  keyedBatch,
  keyedRecordsOf,
  valuesByKey,
  type KeyedRecord,
} from '../../../../src/sim/storage/keyed-log.ts'
import { type PartitionLog } from '../../../../src/engine/storage/partition-log.ts'
import { onBrokers, type BrokerStage } from './stage.ts'

const compacted = {
  'cleanup.policy': 'compact',
  'segment.bytes': '16384',
  'min.cleanable.dirty.ratio': '0',
}

test('a record without key is refused by name, with its index; with a key it is taken', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1], compacted)
    const bytes = encodeBatch({
      records: ['a', 'b', undefined, 'd'].map((key) => ({
        ...(key !== undefined && { key: utf8(key) }),
        value: utf8('v'),
        timestampMs: 1,
      })),
      baseOffset: offset(0),
      leaderEpoch: epoch(0),
    })
    const refused = await stage.produce(1, id, { bytes })
    expect(refused).toMatchObject({ error: { code: 'INVALID_RECORD' } })
    expect(JSON.stringify(refused)).toContain('has no key in record 2')
    expect(await stage.produce(1, id, { bytes: keyedBatch(0, [['a', 'v']]) })).toMatchObject({
      baseOffset: 0,
    })
    const other = await stage.topic('other', [1])
    expect(await stage.produce(1, other, { bytes })).toMatchObject({ baseOffset: 0 })
  })
})

async function fill(stage: BrokerStage, topicId: TopicId, leader: number): Promise<void> {
  for (let count = 0; count < 40; count++) {
    const keys = Array.from({ length: 4 }, (_, index) => `${(count * 4 + index) % 9}`)
    const records = keys.map((key) => [key, `${count} `.repeat(1200)] as const)
    const answer = await stage.produce(leader, topicId, { bytes: keyedBatch(0, records) })
    expect(answer).toMatchObject({ topicId })
  }
}

async function readFrom(stage: BrokerStage, id: number): Promise<readonly KeyedRecord[]> {
  const log = stage.replica(id, 't')?.log
  const slices: Uint8Array[] = []
  for (let from = log?.startOffset(); log !== undefined && from !== undefined;) {
    const read = await log.read({ from, bytesMax: 65_536 })
    if (read.nextOffset <= from) break
    slices.push(...read.slices)
    from = read.nextOffset
  }
  return keyedRecordsOf(slices)
}

test('leader and followers compact by themselves, and one that was away takes what is left', async () => {
  const settings = { 'log.cleaner.backoff.ms': '100', 'log.tail.cache.bytes': '0' }
  await onBrokers(
    3,
    async (stage) => {
      const id = await stage.topic('t', [1, 2, 3], { ...compacted, 'min.insync.replicas': '1' })
      await stage.until(() => stage.isRunning(stage.node(3)))
      stage.cluster.stop(stage.node(3), 'kill')
      await stage.until(() => !stage.isRunning(stage.node(3)))
      await stage.sleep(4000)
      const leader = await stage.leaderOf('t')
      await fill(stage, id, leader)
      const log = (broker: number): PartitionLog | undefined => stage.replica(broker, 't')?.log
      await stage.until(() => [1, 2].every((broker) => (log(broker)?.cleanedTo() ?? 0) > 60))
      stage.cluster.start(stage.node(3))
      await stage.until(() => log(3)?.endOffset() === log(leader)?.endOffset())
      const values = valuesByKey(await readFrom(stage, leader))
      expect(values.size).toBe(9)
      for (const broker of [1, 2, 3]) {
        const records = await readFrom(stage, broker)
        expect(valuesByKey(records)).toEqual(values)
        expect(records.length).toBeLessThan(120)
      }
      const fetched = await stage.fetch(leader, id, { from: 20 })
      expect(fetched?.records).not.toHaveLength(0)
    },
    settings,
  )
})

test('a compaction for which the disk had no room is tried again', async () => {
  const settings = { 'log.cleaner.backoff.ms': '3000', 'log.tail.cache.bytes': '0' }
  await onBrokers(
    1,
    async (stage) => {
      const id = await stage.topic('t', [1], compacted)
      await fill(stage, id, 1)
      const { faults } = stage.node(1).machine.disk
      const pathPrefix = '/data/segments'
      faults.inject({ on: 'write', code: 'no-space', afterCount: 0, pathPrefix })
      const log = (): PartitionLog | undefined => stage.replica(1, 't')?.log
      await stage.until(() => log()?.home().state() === 'full')
      await stage.until(() => (log()?.cleanedTo() ?? 0) > 60)
      expect(valuesByKey(await readFrom(stage, 1)).size).toBe(9)
    },
    settings,
  )
})
