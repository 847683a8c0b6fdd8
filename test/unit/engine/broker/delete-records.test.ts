import { expect, test } from 'vitest'
import { offset, partitionIndex, type TopicId } from '../../../../src/base/id.ts'
import { type DeletedRecords, type DeletionBound } from '../../../../src/core/api/delete-records.ts'
import { offsetsOf, onBrokers, type BrokerStage } from './stage.ts'

async function deleted(
  stage: BrokerStage,
  topicId: TopicId,
  how: { readonly before: DeletionBound; readonly on?: number; readonly waitMsMax?: number },
): Promise<DeletedRecords | undefined> {
  const { before, on = 1, waitMsMax = 5000 } = how
  const partitions = [{ topicId, partition: partitionIndex(0), before }]
  const outcome = await stage.ask(on, 'delete-records', { partitions, waitMsMax })
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.value.partitions[0]
}

test('what is deleted at the leader is gone from every in-sync replica when it is answered', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    for (let count = 0; count < 5; count++) await stage.produce(1, id)
    expect(await deleted(stage, id, { before: offset(3) })).toMatchObject({ lowWatermark: 3 })
    const starts = [1, 2, 3].map((on) => stage.replica(on, 't')?.log.startOffset())
    expect(starts).toEqual([3, 3, 3])
    expect(offsetsOf(await stage.fetch(1, id, { from: 3 }))).toEqual([3, 4])
    expect(await stage.fetch(1, id, { from: 2 })).toMatchObject({
      error: { code: 'OFFSET_OUT_OF_RANGE' },
    })
    // Less than is gone already: nothing happens.
    expect(await deleted(stage, id, { before: offset(1) })).toMatchObject({ lowWatermark: 3 })
    expect(await deleted(stage, id, { before: 'high-watermark' })).toMatchObject({
      lowWatermark: 5,
    })
    expect(await stage.produce(1, id)).toMatchObject({ baseOffset: 5 })
  })
})

test('beyond the high watermark, at a follower and on a compacted topic it is refused by name', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    await stage.produce(1, id)
    const codeOf = async (how: Parameters<typeof deleted>[2], topic = id) =>
      (await deleted(stage, topic, how))?.error?.code
    expect(await codeOf({ before: offset(2) })).toBe('OFFSET_OUT_OF_RANGE')
    expect(await codeOf({ before: offset(1), on: 2 })).toBe('NOT_LEADER_OR_FOLLOWER')
    const compacted = await stage.topic('c', [1, 2, 3], { 'cleanup.policy': 'compact' })
    expect(await codeOf({ before: offset(0) }, compacted)).toBe('POLICY_VIOLATION')
    expect(stage.replica(1, 't')?.log.startOffset()).toBe(0)
  })
})

test('a follower that restarts at a log start inside a batch takes that batch whole, then starts there', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    stage.cluster.stop(stage.node(3), 'kill')
    await stage.produce(1, id, { values: ['a', 'b', 'c', 'd'] })
    expect(await deleted(stage, id, { before: offset(2) })).toMatchObject({ lowWatermark: 2 })
    stage.cluster.start(stage.node(3))
    await stage.until(() => stage.replica(3, 't')?.log.endOffset() === 4)
    await stage.until(() => stage.replica(3, 't')?.log.startOffset() === 2)
    while ((await stage.describe('t')).isr.length < 3) await stage.sleep(50)
  })
})
