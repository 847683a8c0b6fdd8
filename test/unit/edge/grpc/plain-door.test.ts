/** Publish and Subscribe asked by a plain grpc-js client, over a handler that keeps partitions in memory. */
import { Client, credentials, Metadata, status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { refuse } from '../../../../src/core/api/error-code.ts'
import {
  epoch,
  nodeId,
  offset,
  partitionEpoch,
  partitionIndex,
  type NodeId,
} from '../../../../src/base/id.ts'
import { batchBytes, nextOffset, stampBatch } from '../../../../src/core/record/batch-header.ts'
import { partitionOfKey } from '../../../../src/core/client/murmur2.ts'
import { type Endpoint } from '../../../../src/core/api/endpoint.ts'
import { nativeCompressor } from '../../../../src/edge/compression/codecs.ts'
import { GrpcListeners } from '../../../../src/edge/grpc/server.ts'
import { GrpcTransport } from '../../../../src/edge/grpc/transport.ts'
import { messageCodec } from '../../../../src/edge/grpc/proto.ts'
import { type PublishAnswer__Output } from '../../../../src/edge/grpc/gen/sluice/v1/PublishAnswer.ts'
import { type PublishRequest } from '../../../../src/edge/grpc/gen/sluice/v1/PublishRequest.ts'
import { type SubscribeAnswer__Output } from '../../../../src/edge/grpc/gen/sluice/v1/SubscribeAnswer.ts'
import { type SubscribeRequest } from '../../../../src/edge/grpc/gen/sluice/v1/SubscribeRequest.ts'
import { type Listener } from '../../../../src/engine/ports/transport.ts'
import { type Answers, cluster, handlerOf, surroundings, topic } from './fixture.ts'

test('a record published can be subscribed to, with key, value, headers and time', async () => {
  await using house = await open({ leaders: [1] })
  const record = {
    keyText: 'k',
    valueText: 'wert ß',
    headers: [{ name: 'h', valueText: '1' }, { name: 'none' }],
    timestampMs: 1234,
  }
  const published = await house.publish({
    topic: 'flights',
    records: [record, { valueBytes: Buffer.from([255, 0]) }],
  })
  expect(published.response?.records).toEqual([
    { partition: 0, offset: 0 },
    { partition: 0, offset: 1 },
  ])
  const items = await house.subscribe({
    topic: 'flights',
    from: 'OFFSET_POSITION_EARLIEST',
    untilEnd: true,
    asText: true,
  })
  expect(items.map(({ record: each }) => each?.offset)).toEqual([0, 1])
  expect(items[0]?.record?.record).toMatchObject({
    keyText: 'k',
    valueText: 'wert ß',
    headers: [{ name: 'h', valueText: '1' }, { name: 'none' }],
    timestampMs: 1234,
  })
  expect(items[1]?.record?.record?.valueBytes).toEqual(Buffer.from([255, 0]))
  expect(items[1]?.record?.record).not.toHaveProperty('key')
})

test('keys go where Kafka puts them, whichever broker leads there', async () => {
  await using house = await open({ leaders: [1, 2, 1] })
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const records = keys.map((keyText) => ({ keyText, valueText: keyText }))
  const { response } = await house.publish({ topic: 'flights', records })
  expect(response?.records.map(({ partition }) => partition)).toEqual(
    keys.map((key) => partitionOfKey(Buffer.from(key), 3)),
  )
  const items = await house.subscribe({
    topic: 'flights',
    from: 'OFFSET_POSITION_EARLIEST',
    untilEnd: true,
    asText: true,
  })
  expect(items.map(({ record }) => record?.record?.valueText).sort()).toEqual(keys)
})

test('a subscription starts at an offset or the end, and ends after the count asked for', async () => {
  await using house = await open({ leaders: [1] })
  const publish = async (texts: readonly string[]): Promise<unknown> =>
    house.publish({
      topic: 'flights',
      partition: 0,
      records: texts.map((valueText) => ({ valueText })),
    })
  await publish(['0', '1', '2', '3', '4'])
  const fromThree = await house.subscribe({ topic: 'flights', fromOffset: 3, recordCountMax: 1 })
  expect(fromThree.map(({ record }) => record?.offset)).toEqual([3])
  const fromEnd = house.subscribe({ topic: 'flights', recordCountMax: 1 })
  await house.fetched()
  await publish(['5'])
  expect((await fromEnd).map(({ record }) => record?.offset)).toEqual([5])
})

test('what is refused behind the door is refused at the door', async () => {
  await using house = await open({ leaders: [1] })
  const records = [{ valueText: 'x' }]
  expect((await house.publish({ topic: 'nothing', records })).refusal).toMatchObject({
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
    outcome: 'OUTCOME_REFUSED',
    message: 'There is no topic nothing.',
  })
  expect((await house.publish({ topic: 'flights', partition: 9, records })).refusal?.message).toBe(
    'The topic flights has partitions 0 to 0, no 9.',
  )
  expect((await house.publish({ topic: 'flights', records: [] })).refusal?.code).toBe(
    'INVALID_REQUEST',
  )
  const [item] = await house.subscribe({ topic: 'nothing' })
  expect(item?.refusal?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION')
})

test('publishing waits for a leader until its deadline', async () => {
  await using house = await open({ leaders: [undefined] })
  const patient = house.publish({ topic: 'flights', records: [{ valueText: 'x' }] })
  house.lead(0, 1)
  expect((await patient).response?.records).toEqual([{ partition: 0, offset: 0 }])
  house.lead(0, undefined)
  const late = await house
    .publish({ topic: 'flights', records: [{ valueText: 'x' }] }, 200)
    .catch((cause: unknown) => cause)
  const answer = late instanceof Error && 'code' in late ? late.code : late
  if (answer !== status.DEADLINE_EXCEEDED) {
    expect(answer).toMatchObject({ refusal: { code: 'LEADER_NOT_AVAILABLE' } })
  }
})

test('a caller that leaves ends its subscription, and a closing listener ends it as well', async () => {
  await using house = await open({ leaders: [1] })
  const left = house.subscription({ topic: 'flights' })
  await house.fetched()
  left.call.cancel()
  await left.done.catch(() => undefined)
  const held = house.subscription({ topic: 'flights' })
  await house.fetched()
  await house.listeners[0]?.close({ graceMs: 10_000 })
  expect(await held.done).toEqual([])
})

interface House extends AsyncDisposable {
  readonly listeners: readonly Listener[]
  readonly publish: (request: PublishRequest, timeoutMs?: number) => Promise<PublishAnswer__Output>
  readonly subscribe: (request: SubscribeRequest) => Promise<readonly SubscribeAnswer__Output[]>
  readonly subscription: (request: SubscribeRequest) => {
    readonly call: { cancel: () => void }
    readonly done: Promise<readonly SubscribeAnswer__Output[]>
  }
  readonly lead: (partition: number, node: number | undefined) => void
  /** Resolves when the next fetch arrives. */
  readonly fetched: () => Promise<void>
}

/** Two nodes; the door is at node 1. `leaders` names the leader of each partition of the topic `flights`. */
async function open(options: { readonly leaders: (number | undefined)[] }): Promise<House> {
  const leaders = [...options.leaders]
  const logs = leaders.map(() => ({ batches: [] as Uint8Array[], end: 0 }))
  const endpoints: Endpoint[] = []
  const waiters: (() => void)[] = []
  const listenOf = async (node: NodeId): Promise<Listener> =>
    new GrpcListeners({
      ...surroundings,
      messageBytesMax: 1024 * 1024,
      heldBytesMax: 128 * 1024 * 1024,
      plainDoor: { transport: new GrpcTransport(surroundings), compressor: nativeCompressor() },
    }).listen({
      endpoint: { listener: 'CLIENT', host: '127.0.0.1', port: 0 },
      clusterId: cluster,
      nodeId: node,
      apis: ['produce', 'fetch', 'list-offsets', 'metadata'],
      handler: handlerOf(answersOf(node)),
    })
  const answersOf = (node: NodeId): Answers => ({
    metadata: async ({ topics }) => {
      const isKnown = topics.includes('flights')
      const partitions = leaders.map((leader, index) => ({
        partition: partitionIndex(index),
        ...(leader !== undefined && { leader: nodeId(leader) }),
        leaderEpoch: epoch(1),
        partitionEpoch: partitionEpoch(1),
        replicas: [],
        isr: [],
        elr: [],
      }))
      const known = { name: 'flights', id: topic, partitions }
      const unknown = {
        name: 'nothing',
        error: refuse('UNKNOWN_TOPIC_OR_PARTITION', 'There is no topic nothing.'),
        partitions: [],
      }
      const brokers = endpoints.map((endpoint, index) => ({
        id: nodeId(index + 1),
        epoch: 1 as never,
        endpoints: [endpoint],
        isFenced: false,
        inControlledShutdown: false,
      }))
      return Promise.resolve({
        ok: true,
        value: {
          clusterId: cluster,
          metadataOffset: offset(1),
          brokers,
          topics: [isKnown ? known : unknown],
        },
      })
    },
    produce: async ({ partitions }) =>
      Promise.resolve({
        ok: true,
        value: {
          partitions: partitions.map(({ topicId, partition, records }) => {
            const log = logs[partition]
            if (log === undefined || leaders[partition] !== node) {
              return {
                topicId,
                partition,
                error: refuse('NOT_LEADER_OR_FOLLOWER', ''),
                baseOffset: offset(0),
                logStartOffset: offset(0),
              }
            }
            const baseOffset = offset(log.end)
            stampBatch(records, 0, { baseOffset, leaderEpoch: epoch(1) })
            expect(batchBytes(records, 0)).toBe(records.length)
            log.batches.push(Uint8Array.from(records))
            log.end = nextOffset(records, 0)
            return { topicId, partition, baseOffset, logStartOffset: offset(0) }
          }),
        },
      }),
    fetch: async ({ partitions }, context) => {
      for (const wake of waiters.splice(0)) wake()
      const [entry] = partitions
      if (entry === undefined) return refuse('INVALID_REQUEST', '')
      const { topicId, partition, fetchOffset } = entry
      const log = logs[partition]
      for (let turn = 0; turn < 50 && log !== undefined && fetchOffset >= log.end; turn++) {
        if (context.signal?.aborted === true) break
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      const records = (log?.batches ?? []).filter((batch) => nextOffset(batch, 0) > fetchOffset)
      const end = offset(log?.end ?? 0)
      return {
        ok: true,
        value: {
          partitions: [
            {
              topicId,
              partition,
              highWatermark: end,
              lastStableOffset: end,
              logStartOffset: offset(0),
              records,
            },
          ],
        },
      }
    },
    'list-offsets': async ({ partitions }) =>
      Promise.resolve({
        ok: true,
        value: {
          partitions: partitions.map(({ topicId, partition, question }) => {
            const end = offset(logs[partition]?.end ?? 0)
            return {
              topicId,
              partition,
              offset: question.type === 'earliest' ? offset(0) : end,
              leaderEpoch: epoch(1),
              highWatermark: end,
            }
          }),
        },
      }),
  })
  const listeners = [await listenOf(nodeId(1)), await listenOf(nodeId(2))]
  endpoints.push(...listeners.map(({ endpoint }) => endpoint))
  const client = new Client(`127.0.0.1:${endpoints[0]?.port ?? 0}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  })
  const subscription: House['subscription'] = (request) => {
    const call = client.makeServerStreamRequest(
      '/sluice.v1.Log/Subscribe',
      (value: SubscribeRequest) =>
        messageCodec<SubscribeRequest, unknown>('log', 'SubscribeRequest').serialize(value),
      (bytes: Buffer) =>
        messageCodec<object, SubscribeAnswer__Output>('log', 'SubscribeAnswer').deserialize(bytes),
      request,
    )
    const items: SubscribeAnswer__Output[] = []
    call.on('data', (item: SubscribeAnswer__Output) => items.push(item))
    const done = new Promise<readonly SubscribeAnswer__Output[]>((resolve, reject) => {
      call.on('end', () => {
        resolve(items)
      })
      call.on('error', reject)
    })
    return { call, done }
  }
  return {
    listeners,
    subscription,
    subscribe: async (request) => subscription(request).done,
    publish: async (request, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          '/sluice.v1.Log/Publish',
          (value: PublishRequest) =>
            messageCodec<PublishRequest, unknown>('log', 'PublishRequest').serialize(value),
          (bytes: Buffer) =>
            messageCodec<object, PublishAnswer__Output>('log', 'PublishAnswer').deserialize(bytes),
          request,
          new Metadata(),
          { deadline: Date.now() + timeoutMs },
          (error, answer) => {
            if (answer === undefined) reject(error ?? new Error('no answer'))
            else resolve(answer)
          },
        )
      }),
    lead: (partition, node) => {
      leaders[partition] = node
    },
    fetched: async () =>
      new Promise((resolve) => {
        waiters.push(resolve)
      }),
    [Symbol.asyncDispose]: async () => {
      client.close()
      await Promise.all(listeners.map(async (listener) => listener.close({ graceMs: 0 })))
    },
  }
}
