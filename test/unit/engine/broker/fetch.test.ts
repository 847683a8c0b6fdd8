import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { epoch, offset, partitionIndex, topicId } from '../../../../src/base/id.ts'
import { type OffsetQuestion } from '../../../../src/core/api/list-offsets.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'
import { batchHeaderBytes, repackBatch } from '../../../../src/core/record/batch-header.ts'
import { simCompressor } from '../../../../src/sim/sim-compressor.ts'
import { batchOf, offsetsOf, onBrokers } from './stage.ts'

test('a parked fetch is answered by the commit itself', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    const before = stage.nowMs()
    const fetching = stage.fetch(1, id, { waitMs: 20_000 })
    await stage.sleep(100)
    await stage.produce(1, id)
    expect(offsetsOf(await fetching)).toEqual([0])
    expect(stage.nowMs() - before).toBeLessThan(150)
  })
})

test('a parked fetch ends with its wait, and a fetch for more bytes waits for them', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    const before = stage.nowMs()
    expect(await stage.fetch(1, id, { waitMs: 300 })).toBeUndefined()
    expect(stage.nowMs() - before).toBeGreaterThanOrEqual(300)
    const size = batchOf(['value']).length
    const fetching = stage.fetch(1, id, { waitMs: 20_000, bytesMin: size + 1 })
    await stage.produce(1, id)
    await stage.sleep(50)
    await stage.produce(1, id)
    expect(offsetsOf(await fetching)).toEqual([0, 1])
  })
})

test('nothing beyond the high watermark is given to a client', async () => {
  await onBrokers(2, async (stage) => {
    const id = await stage.topic('t', [1, 2], { 'min.insync.replicas': '2' })
    await stage.produce(1, id)
    stage.cluster.stop(stage.node(2), 'kill')
    await stage.produce(1, id, { acks: 1, timeoutMs: 1000 })
    expect(stage.replica(1, 't')?.log.endOffset()).toBe(2)
    expect(offsetsOf(await stage.fetch(1, id))).toEqual([0])
    expect(await stage.fetch(1, id, { from: 1 })).toBeUndefined()
    expect(await stage.fetch(1, id, { from: 3 })).toMatchObject({
      error: { code: 'OFFSET_OUT_OF_RANGE' },
    })
  })
})

test('a fetch with another leader epoch is fenced', async () => {
  await onBrokers(2, async (stage) => {
    const id = await stage.topic('t', [1, 2])
    const { leaderEpoch } = await stage.describe('t')
    const codeOf = async (at: number, asked?: number): Promise<string | undefined> =>
      (await stage.fetch(at, id, asked === undefined ? {} : { leaderEpoch: asked }))?.error?.code
    expect(await codeOf(1, leaderEpoch + 1)).toBe('UNKNOWN_LEADER_EPOCH')
    expect(await codeOf(1, leaderEpoch)).toBeUndefined()
    expect(await codeOf(2)).toBe('NOT_LEADER_OR_FOLLOWER')
  })
})

test('a parked fetch hears at once that its leader is none any more', async () => {
  await onBrokers(3, async (stage) => {
    const id = await stage.topic('t', [1, 2, 3])
    const before = stage.nowMs()
    const fetching = stage.fetch(1, id, { waitMs: 20_000 })
    await stage.sleep(50)
    const stopping = stage.node(1).node?.shutdown()
    const fetched = await fetching
    expect(fetched?.error?.code ?? 'ended').toMatch(/NOT_LEADER_OR_FOLLOWER|ended/)
    expect(stage.nowMs() - before).toBeLessThan(5000)
    await stopping
  })
})

test('offsets are listed by position and time, below the high watermark', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    await stage.produce(1, id, { values: ['a', 'b'] })
    await stage.produce(1, id)
    const list = async (question: OffsetQuestion, leaderEpoch?: number): Promise<unknown> => {
      const asked = { topicId: id, partition: partitionIndex(0), question }
      const fenced =
        leaderEpoch === undefined ? asked : { ...asked, leaderEpoch: epoch(leaderEpoch) }
      const outcome = await stage.ask(1, 'list-offsets', { partitions: [fenced] })
      const [answer] = outcome.ok ? outcome.value.partitions : []
      return answer?.error?.code ?? answer?.offset
    }
    expect(await list({ type: 'earliest' })).toBe(0)
    expect(await list({ type: 'latest' })).toBe(3)
    expect(await list({ type: 'at-time', timestampMs: 1 })).toBe(0)
    expect(await list({ type: 'at-time', timestampMs: 2 })).toBeUndefined()
    expect(await list({ type: 'latest' }, 77)).toBe('UNKNOWN_LEADER_EPOCH')
  })
})

test('a record is found by its time, also inside a compressed batch and above the log start', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    const compressor = simCompressor()
    for (const times of [[10, 30, 20], [15], [30, 5]]) {
      const plain = encodeBatch({
        records: times.map((timestampMs) => ({ value: utf8('v'), timestampMs })),
        baseOffset: offset(0),
        leaderEpoch: epoch(0),
      })
      const records = await compressor.compress('lz4', plain.subarray(batchHeaderBytes))
      await stage.produce(1, id, { bytes: repackBatch(plain, 0, { codec: 'lz4', records }) })
    }
    const list = async (question: OffsetQuestion): Promise<unknown> => {
      const asked = { topicId: id, partition: partitionIndex(0), question }
      const outcome = await stage.ask(1, 'list-offsets', { partitions: [asked] })
      const [answer] = outcome.ok ? outcome.value.partitions : []
      return [answer?.offset, answer?.timestampMs]
    }
    expect(await list({ type: 'at-time', timestampMs: 11 })).toEqual([1, 30])
    expect(await list({ type: 'max-timestamp' })).toEqual([1, 30])
    expect(await list({ type: 'at-time', timestampMs: 31 })).toEqual([undefined, undefined])
    await stage.replica(1, 't')?.log.startAt(offset(2))
    expect(await list({ type: 'at-time', timestampMs: 11 })).toEqual([2, 20])
    expect(await list({ type: 'at-time', timestampMs: 21 })).toEqual([4, 30])
    expect(await list({ type: 'max-timestamp' })).toEqual([4, 30])
  })
})

test('a batch that cannot be opened is where a time leads to', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1])
    await stage.produce(1, id)
    const records = new Uint8Array([1, 2, 3])
    const bytes = repackBatch(batchOf(['x', 'y']), 0, { codec: 'lz4', records })
    await stage.produce(1, id, { bytes })
    const ask = async (question: OffsetQuestion): Promise<unknown> => {
      const asked = { topicId: id, partition: partitionIndex(0), question }
      const outcome = await stage.ask(1, 'list-offsets', { partitions: [asked] })
      return outcome.ok ? outcome.value.partitions[0]?.offset : outcome
    }
    expect(await ask({ type: 'at-time', timestampMs: 1 })).toBe(0)
    await stage.replica(1, 't')?.log.startAt(offset(1))
    expect(await ask({ type: 'at-time', timestampMs: 1 })).toBe(1)
  })
})

test('any broker answers for the cluster and takes admin operations', async () => {
  await onBrokers(3, async (stage) => {
    await stage.topic('t', [2, 3])
    for (const id of [1, 2, 3]) {
      const outcome = await stage.ask(id, 'metadata', { topics: ['t', 'nothing'] })
      expect(outcome.ok && outcome.value.brokers.length).toBe(3)
      expect(outcome.ok && outcome.value.topics[1]?.error?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION')
      const quorum = await stage.ask(id, 'describe-quorum', {})
      expect(quorum.ok && quorum.value.voters.length).toBe(3)
    }
    const described = await stage.ask(1, 'describe-configs', {
      resources: [
        { type: 'topic', name: 't' },
        { type: 'broker', name: '1' },
        { type: 'broker', name: '2' },
      ],
    })
    const [topic, own, other] = described.ok ? described.value.resources : []
    expect(topic?.entries.some(({ key }) => key === 'flush')).toBe(true)
    expect(own?.entries.some(({ key }) => key === 'node.id')).toBe(true)
    expect(other?.error?.code).toBe('INVALID_REQUEST')
  })
})

test('a fetch of replicas is honoured only from a broker that introduced itself', async () => {
  await onBrokers(2, async (stage) => {
    const outcome = await stage.ask(1, 'replica-fetch', {
      replicaId: stage.node(2).planned.id as never,
      brokerEpoch: 1 as never,
      sessionId: 9,
      sequence: 0,
      waitMsMax: 10,
      bytesMax: 1000,
      positions: [],
      forgotten: [],
    })
    expect(outcome).toMatchObject({ ok: false, code: 'CLUSTER_AUTHORIZATION_FAILED' })
    expect(await stage.fetch(1, topicId('X'.repeat(22)))).toMatchObject({
      error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
    })
  })
})
