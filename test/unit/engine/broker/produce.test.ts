import { expect, test } from 'vitest'
import { concatBytes } from '../../../../src/base/bytes.ts'
import { partitionIndex, topicId } from '../../../../src/base/id.ts'
import {
  maxTimestampMs,
  hasLogAppendTime,
  verifyBatch,
} from '../../../../src/core/record/batch-header.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'
import { epoch, offset } from '../../../../src/base/id.ts'
import { batchOf, offsetsOf, onBrokers } from './stage.ts'

test('an acks=all produce is answered after one round trip and one sync, and can be read then', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    await stage.produce(1, id)
    const before = stage.nowMs()
    expect(await stage.produce(1, id, { values: ['a', 'b'] })).toMatchObject({ baseOffset: 1 })
    expect(stage.nowMs() - before).toBeLessThan(10)
    expect(offsetsOf(await stage.fetch(1, id))).toEqual([0, 1])
    expect((await stage.fetch(1, id))?.highWatermark).toBe(3)
  })
})

test('several entries and batches of one request follow each other in the log', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    const entry = (records: Uint8Array): object => ({
      topicId: id,
      partition: partitionIndex(0),
      records,
    })
    const outcome = await stage.ask(1, 'produce', {
      acks: 1,
      partitions: [
        entry(concatBytes([batchOf(['a', 'b']), batchOf(['c'])])),
        entry(batchOf(['d'])),
      ] as never,
    })
    expect(outcome.ok && outcome.value.partitions.map(({ baseOffset }) => baseOffset)).toEqual([
      0, 3,
    ])
    expect(offsetsOf(await stage.fetch(1, id))).toEqual([0, 2, 3])
  })
})

test('with acks=0 the answer comes at once and the records come later', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    await stage.produce(1, id, { acks: 0 })
    await stage.sleep(50)
    expect(offsetsOf(await stage.fetch(1, id))).toEqual([0])
  })
})

test('below min.insync.replicas acks=all is refused before the append, acks=1 is taken and not committed', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2], { 'min.insync.replicas': '2' })
    stage.cluster.stop(stage.node(2), 'kill')
    await stage.until(() => stage.replica(1, 't')?.state.leader()?.hasEnoughInSync() === false)
    expect(await stage.produce(1, id)).toMatchObject({ error: { code: 'NOT_ENOUGH_REPLICAS' } })
    expect(await stage.produce(1, id, { acks: 1 })).toMatchObject({ baseOffset: 0 })
    expect(await stage.fetch(1, id)).toBeUndefined()
    stage.cluster.start(stage.node(2))
    await stage.until(() => stage.replica(1, 't')?.state.highWatermark() === 1)
    expect(offsetsOf(await stage.fetch(1, id))).toEqual([0])
  })
})

test('what was appended but not committed in time has an unknown outcome', async () => {
  await onBrokers(2, async (stage) => {
    const id = await stage.topic('t', [1, 2], { 'min.insync.replicas': '2' })
    stage.cluster.stop(stage.node(2), 'kill')
    const outcome = await stage.produce(1, id, { timeoutMs: 300 })
    expect(['REQUEST_TIMED_OUT', 'BROKER_NOT_AVAILABLE']).toContain(outcome.error?.code)
    expect(stage.replica(1, 't')?.log.endOffset()).toBe(1)
  })
})

test('bad batches are refused one by one and nothing of them is appended', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1], { 'max.message.bytes': '2000' })
    const broken = batchOf(['a'])
    broken[30] = 77
    const control = encodeBatch({
      records: [{ value: new Uint8Array(4), key: new Uint8Array(4), timestampMs: 1 }],
      baseOffset: offset(0),
      leaderEpoch: epoch(0),
      isControl: true,
    })
    const codes = []
    for (const bytes of [broken, control, batchOf(['x'.repeat(3000)]), new Uint8Array(0)]) {
      codes.push((await stage.produce(1, id, { bytes })).error?.code)
    }
    expect(codes).toEqual([
      'CORRUPT_MESSAGE',
      'INVALID_RECORD',
      'MESSAGE_TOO_LARGE',
      'INVALID_RECORD',
    ])
    expect(stage.replica(1, 't')?.log.endOffset()).toBe(0)
  })
})

test('a follower and a stranger refuse a produce by name', async () => {
  await onBrokers(2, async (stage) => {
    const id = await stage.topic('t', [1, 2])
    expect(await stage.produce(2, id)).toMatchObject({ error: { code: 'NOT_LEADER_OR_FOLLOWER' } })
    expect(await stage.produce(1, topicId('X'.repeat(22)))).toMatchObject({
      error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
    })
  })
})

test('with LogAppendTime a batch gets the broker’s time, and its CRC stays right', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1], { 'message.timestamp.type': 'LogAppendTime' })
    const { logAppendTimeMs } = (await stage.produce(1, id)) as { readonly logAppendTimeMs: number }
    const [slice = new Uint8Array(0)] = (await stage.fetch(1, id))?.records ?? []
    expect(hasLogAppendTime(slice, 0)).toBe(true)
    expect(maxTimestampMs(slice, 0)).toBe(logAppendTimeMs)
    expect(verifyBatch(slice, 0)).toBeUndefined()
  })
})

test('a full disk refuses produces, serves reads, and takes produces again when there is space', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    await stage.produce(1, id)
    const { disk } = stage.node(1).machine
    disk.faults.inject({ on: 'write', code: 'no-space', afterCount: 0, isLasting: true, pathPrefix: '/data' }) // prettier-ignore
    await stage.produce(1, id, { timeoutMs: 2000 })
    await stage.until(() => stage.node(1).node?.status().broker?.directories[0]?.state === 'full')
    await stage.until(() => stage.replica(1, 't')?.state.leader() !== undefined)
    expect(await stage.produce(1, id)).toMatchObject({ error: { code: 'STORAGE_FULL' } })
    expect(offsetsOf(await stage.fetch(1, id))[0]).toBe(0)
    disk.faults.clear()
    await stage.until(() => stage.node(1).node?.status().broker?.directories[0]?.state === 'online')
    await stage.until(() => stage.replica(1, 't')?.producers.isCurrent() === true)
    expect((await stage.produce(1, id)).error).toBeUndefined()
  })
})
