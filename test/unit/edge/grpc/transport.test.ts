/** Requests over real sockets: answers, order, time-outs, cancelling, and every way to get no answer. */
import { createServer } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ApiName, type Apis } from '../../../../src/core/api/apis.ts'
import { refuse } from '../../../../src/core/api/error-code.ts'
import { type Hello } from '../../../../src/core/api/hello.ts'
import { type RequestContext } from '../../../../src/core/api/request-context.ts'
import {
  brokerEpoch,
  clusterId,
  directoryId,
  incarnationId,
  nodeId,
} from '../../../../src/base/id.ts'
import { apiNames } from '../../../../src/edge/grpc/mapping/table.ts'
import { arbitraries } from './arbitraries.ts'
import {
  hanging,
  listenOn,
  clientHello,
  cluster,
  connect,
  deferred,
  faultCodeOf,
  pair,
  produceOf,
  producedAt,
  serve,
  surroundings,
} from './fixture.ts'

const soon = { timeoutMs: 10_000 }

test.each(apiNames)('%s is answered over the wire as the handler answered', async (api) => {
  await travels(api)
})

test('a refusal arrives as a value, on streams and on calls', async () => {
  await using both = await pair({
    produce: async () => Promise.resolve(refuse('NOT_LEADER_OR_FOLLOWER', 'node 2 leads')),
    metadata: async () => Promise.resolve(refuse('NOT_READY', 'starting')),
  })
  expect(await both.channel.request('produce', produceOf(1), soon)).toEqual(
    refuse('NOT_LEADER_OR_FOLLOWER', 'node 2 leads'),
  )
  expect(await both.channel.request('metadata', { topics: 'all' }, soon)).toEqual(
    refuse('NOT_READY', 'starting'),
  )
})

test('a handler that fails is answered with UNKNOWN_SERVER_ERROR, and the stream goes on', async () => {
  let calls = 0
  await using both = await pair({
    produce: async () => {
      calls += 1
      return calls === 1
        ? Promise.reject(new Error('disk on fire'))
        : Promise.resolve(producedAt(1))
    },
  })
  const first = await both.channel.request('produce', produceOf(1), soon)
  expect(first).toMatchObject({
    code: 'UNKNOWN_SERVER_ERROR',
    message: 'Node 1 failed: disk on fire',
  })
  expect(await both.channel.request('produce', produceOf(1), soon)).toEqual(producedAt(1))
})

test('requests reach the handler in the order sent, answers come in any order', async () => {
  const order: number[] = []
  const holds = Array.from({ length: 20 }, () => deferred<undefined>())
  await using both = await pair({
    produce: async ({ partitions }) => {
      const index = partitions[0]?.records[0] ?? 0
      order.push(index)
      await holds[index]?.promise
      return producedAt(index)
    },
  })
  const answered: number[] = []
  const requests = holds.map(async (_, index) => {
    await both.channel.request('produce', produceOf(100, index), soon)
    answered.push(index)
    holds[index - 1]?.resolve(undefined)
  })
  holds[19]?.resolve(undefined)
  await Promise.all(requests)
  expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index))
  expect(answered).toEqual([...order].reverse())
})

test('the handler learns who calls, over which listener, and until when', async () => {
  const broker = {
    brokerId: nodeId(7),
    brokerEpoch: brokerEpoch(3),
    incarnationId: incarnationId('CCCCCCCCCCCCCCCCCCCCCC'),
    directoryIds: [directoryId('DDDDDDDDDDDDDDDDDDDDDD')],
  }
  const seen: RequestContext[] = []
  await using both = await pair(
    {
      produce: async (_, context) => {
        seen.push(context)
        return Promise.resolve(producedAt(1))
      },
      metadata: async (_, context) => {
        seen.push(context)
        return Promise.resolve(refuse('NOT_READY', ''))
      },
    },
    { hello: { ...clientHello, broker }, role: 'broker' },
  )
  const nowMs = surroundings.clock.nowMs()
  await both.channel.request('produce', produceOf(1), { timeoutMs: 5000 })
  await both.channel.request('metadata', { topics: 'none' }, { timeoutMs: 5000 })
  expect(seen).toHaveLength(2)
  for (const context of seen) {
    expect(context).toMatchObject({
      principal: 'User:anonymous',
      listener: 'CLIENT',
      clientId: 'test',
      broker,
    })
    expect(context.peer).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(context.deadlineAtMs).toBeGreaterThan(nowMs + 4000)
    expect(context.deadlineAtMs).toBeLessThan(nowMs + 10_000)
  }
})

test('the channel knows who answered, after a stream and after a call', async () => {
  for (const api of ['produce', 'metadata'] as const) {
    await using both = await pair({ produce: async () => Promise.resolve(producedAt(1)) })
    expect(both.channel.peer()).toBeUndefined()
    if (api === 'produce') await both.channel.request('produce', produceOf(1), soon)
    else await both.channel.request('metadata', { topics: 'none' }, soon)
    expect(both.channel.peer()).toEqual({
      clusterId: cluster,
      nodeId: 1,
      protocol: 1,
      features: [],
    })
  }
})

test('a request without an answer rejects with timeout, and its handler is told', async () => {
  const aborted = deferred<string>()
  await using both = await pair(
    hanging((api) => {
      aborted.resolve(api)
    }),
  )
  const both50 = { timeoutMs: 50 }
  expect(await faultCodeOf(both.channel.request('metadata', { topics: 'all' }, both50))).toBe(
    'timeout',
  )
  expect(await aborted.promise).toBe('metadata')
})

test('a late answer on a stream is dropped, and the stream goes on', async () => {
  const hold = deferred<undefined>()
  let calls = 0
  await using both = await pair({
    produce: async () => {
      calls += 1
      if (calls === 2) await hold.promise
      return producedAt(calls)
    },
  })
  await both.channel.request('produce', produceOf(1), soon)
  expect(await faultCodeOf(both.channel.request('produce', produceOf(1), { timeoutMs: 50 }))).toBe(
    'timeout',
  )
  hold.resolve(undefined)
  expect(await both.channel.request('produce', produceOf(1), soon)).toEqual(producedAt(3))
})

test('aborting rejects at once with cancelled and aborts the handler, on streams and on calls', async () => {
  for (const api of ['produce', 'metadata'] as const) {
    const started = deferred<undefined>()
    const aborted = deferred<string>()
    await using both = await pair(
      hanging(
        (which) => {
          aborted.resolve(which)
        },
        () => {
          started.resolve(undefined)
        },
      ),
    )
    const controller = new AbortController()
    const options = { timeoutMs: 10_000, signal: controller.signal }
    const request =
      api === 'produce'
        ? both.channel.request('produce', produceOf(1), options)
        : both.channel.request('metadata', { topics: 'all' }, options)
    await started.promise
    controller.abort()
    expect(await faultCodeOf(request)).toBe('cancelled')
    expect(await aborted.promise).toBe(api)
    expect(await faultCodeOf(both.channel.request('produce', produceOf(1), options))).toBe(
      'cancelled',
    )
  }
})

test('a Hello for another cluster is rejected, on streams and on calls', async () => {
  const other = { ...clientHello, clusterId: clusterId('ZZZZZZZZZZZZZZZZZZZZZZ') }
  await using both = await pair(
    { produce: async () => Promise.resolve(producedAt(1)) },
    { hello: other },
  )
  for (let turn = 0; turn < 2; turn++) {
    expect(await faultCodeOf(both.channel.request('produce', produceOf(1), soon))).toBe('rejected')
    expect(await faultCodeOf(both.channel.request('metadata', { topics: 'all' }, soon))).toBe(
      'rejected',
    )
  }
  await expect(both.channel.request('produce', produceOf(1), soon)).rejects.toThrow(
    /belongs to cluster AAAA/,
  )
})

test('a Hello without a common protocol version is rejected with both ranges', async () => {
  await using both = await pair({}, { hello: { ...clientHello, protocolMin: 2, protocolMax: 5 } })
  await expect(both.channel.request('produce', produceOf(1), soon)).rejects.toThrow(
    'Node 1 speaks protocol 1 to 1, the caller 2 to 5: upgrade the older of the two.',
  )
})

test('a Hello without a cluster is taken by any', async () => {
  const anybody: Hello = { protocolMin: 1, protocolMax: 1, clientId: 'test', features: [] }
  await using both = await pair(
    { produce: async () => Promise.resolve(producedAt(1)) },
    { hello: anybody },
  )
  expect(await both.channel.request('produce', produceOf(1), soon)).toEqual(producedAt(1))
})

test('an operation that the listener does not serve is refused by name', async () => {
  const listener = await serve({}, { apis: ['produce', 'metadata'] })
  const channel = connect(listener.endpoint.port)
  expect(
    await channel.request('create-topics', { topics: [], validateOnly: true }, soon),
  ).toMatchObject({
    code: 'INVALID_REQUEST',
  })
  expect(await channel.request('describe-quorum', {}, soon)).toMatchObject({
    code: 'UNSUPPORTED_VERSION',
  })
  expect(
    await faultCodeOf(
      channel.request('fetch', fc.sample(arbitraries.fetch.request, 1)[0] as never, soon),
    ),
  ).toBe('rejected')
  await channel.close()
  await listener.close({ graceMs: 0 })
})

test('frames of 1 MiB with many partitions pass whole, both ways, several at once', async () => {
  await using both = await pair({
    produce: async (request) => {
      const intact = request.partitions.every(({ records }) =>
        records.every((byte) => byte === records[0]),
      )
      return Promise.resolve(
        intact ? producedAt(request.partitions.length) : refuse('CORRUPT_MESSAGE', ''),
      )
    },
    fetch: async () => {
      const [entry] = produceOf(1024 * 1024, 9).partitions
      if (entry === undefined) return refuse('INVALID_REQUEST', '')
      const { topicId, partition, records } = entry
      const zero = fc.sample(
        arbitraries.fetch.response.map(({ partitions }) => partitions[0]?.highWatermark),
        1,
      )
      const highWatermark = zero[0] ?? (0 as never)
      const fetched = {
        topicId,
        partition,
        highWatermark,
        lastStableOffset: highWatermark,
        logStartOffset: highWatermark,
        records: [records.subarray(0, 1000), records.subarray(1000)],
      }
      return Promise.resolve({ ok: true, value: { partitions: [fetched] } })
    },
  })
  const entry = produceOf(16 * 1024, 3).partitions
  const many = { acks: 'all' as const, partitions: Array.from({ length: 64 }, () => entry).flat() }
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => both.channel.request('produce', many, soon)),
  )
  for (const answer of answers) expect(answer).toEqual(producedAt(64))
  const request = {
    waitMsMax: 1,
    bytesMin: 1,
    bytesMax: 1 << 20,
    isolation: 'committed' as const,
    partitions: [],
  }
  const fetched = await both.channel.request('fetch', request, soon)
  expect(fetched.ok && fetched.value.partitions[0]?.records[0]?.length).toBe(1024 * 1024)
})

test('a request longer than the listener takes is refused by name, and later ones pass', async () => {
  await using both = await pair({ produce: async () => Promise.resolve(producedAt(1)) })
  const answer = await both.channel.request('produce', produceOf(3 * 1024 * 1024), soon)
  expect(answer).toMatchObject({ ok: false, code: 'MESSAGE_TOO_LARGE' })
  expect(await both.channel.request('produce', produceOf(10), soon)).toEqual(producedAt(1))
})

test('requests that the peer does not take are refused as overloaded, not held without bound', async () => {
  const stop = createServer(() => undefined)
  const port = await listenOn(stop, 0)
  const channel = connect(port)
  const requests = Array.from({ length: 40 }, async () =>
    faultCodeOf(channel.request('produce', produceOf(1024 * 1024), { timeoutMs: 300 })),
  )
  const codes = await Promise.all(requests)
  expect(codes.filter((code) => code === 'overloaded').length).toBeGreaterThan(5)
  expect(codes.filter((code) => code === 'timeout').length).toBeGreaterThan(20)
  stop.close()
  await channel.close()
})

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- A ties the parts inside together
async function travels<A extends ApiName>(api: A): Promise<void> {
  const [request] = fc.sample(arbitraries[api].request, { numRuns: 1, seed: 42 })
  const [response] = fc.sample(arbitraries[api].response, { numRuns: 1, seed: 43 })
  if (request === undefined || response === undefined) throw new Error('no sample')
  const seen: unknown[] = []
  const answers = {
    [api]: async (received: Apis[A]['request']) => {
      seen.push(received)
      return Promise.resolve({ ok: true, value: response })
    },
  }
  await using both = await pair(answers)
  const answer = await both.channel.request(api, request, soon)
  expect(plain(answer)).toEqual(plain({ ok: true, value: response }))
  expect(plain(seen)).toEqual(plain([request]))
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}
