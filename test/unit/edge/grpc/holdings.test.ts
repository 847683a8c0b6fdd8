/** What connections may hold together, and that whoever is over it waits and nobody else. */
import {
  connect as connectHttp2,
  createServer,
  type ClientHttp2Session,
  type ClientHttp2Stream,
} from 'node:http2'
import { type AddressInfo } from 'node:net'
import { Client, credentials } from '@grpc/grpc-js'
import { expect, test, vi } from 'vitest'
import { offset, partitionIndex } from '../../../../src/base/id.ts'
import { type Apis } from '../../../../src/core/api/apis.ts'
import { type Outcome, refuse } from '../../../../src/core/api/error-code.ts'
import { type Clock } from '../../../../src/engine/ports/clock.ts'
import { helloFrame, requestFrame } from '../../../../src/edge/grpc/codec/frame.ts'
import { type PublishRequest } from '../../../../src/edge/grpc/gen/sluice/v1/PublishRequest.ts'
import { messageCodec } from '../../../../src/edge/grpc/proto.ts'
import { guardFrames } from '../../../../src/edge/grpc/frame-guard.ts'
import { Holdings, type Share } from '../../../../src/edge/grpc/holdings.ts'
import { mappings } from '../../../../src/edge/grpc/mapping/table.ts'
import {
  clientHello,
  connect,
  producedAt,
  produceOf,
  serve,
  surroundings,
  topic,
} from './fixture.ts'

const kib = 1024
const mib = 1024 * kib
const soon = { timeoutMs: 20_000 }

function holdingsOf(bytesMax: number, clock: Clock = surroundings.clock): Holdings {
  return new Holdings({ clock, bytesMax, connectionBytesMax: 32 * mib, stallMsMax: 1000 })
}

test('a connection may have one frame larger than its bound, and nothing beside it', () => {
  const share = holdingsOf(128 * mib).open()
  expect(share.take(64 * mib)).toBe(true)
  expect(share.take(1)).toBe(false)
  expect(share.isFull()).toBe(true)
  share.add(-64 * mib)
  expect([share.take(31 * mib), share.take(2 * mib), share.take(mib)]).toEqual([true, false, true])
})

test('over the bound of all, each still has its fair share, and no more', () => {
  const holdings = holdingsOf(8 * mib)
  const [greedy, ...others] = Array.from({ length: 4 }, () => holdings.open())
  expect(greedy?.take(8 * mib)).toBe(true)
  for (const other of others) {
    expect(other.take(mib)).toBe(true)
    expect(other.take(mib)).toBe(false)
  }
  expect(holdings.bytes).toBe(11 * mib)
})

test('who waits is let in when somebody lets go, and a connection that ends lets go of all', () => {
  const holdings = holdingsOf(4 * mib)
  const [first, second] = [holdings.open(), holdings.open()]
  first.take(4 * mib)
  let taken = 0
  const retry = (share: Share) => () => {
    if (!share.take(3 * mib)) return false
    taken += 1
    return true
  }
  expect(second.take(3 * mib)).toBe(false)
  second.wait(retry(second))
  first.add(-mib)
  expect(taken).toBe(0)
  first.close()
  expect([taken, holdings.bytes]).toEqual([1, 3 * mib])
})

test('a frame that rests half-arrived while others wait ends', () => {
  let nowMs = 0
  const due: (() => void)[] = []
  const after = (_: number, wake: () => void): { cancel: () => void } => {
    due.push(wake)
    return { cancel: () => undefined }
  }
  const holdings = holdingsOf(mib, { ...surroundings.clock, nowMs: () => nowMs, after })
  const [resting, waiting] = [holdings.open(), holdings.open()]
  const ended: string[] = []
  resting.take(mib)
  for (const [name, movedAtMs] of [
    ['rests', 0],
    ['moves', 900],
    ['not read here', Infinity],
  ] as const)
    // prettier-ignore
    resting.arrive({ movedAtMs: () => movedAtMs, end: () => ended.push(name) })
  expect(due).toHaveLength(0)
  waiting.wait(() => false)
  nowMs = 1000
  due.shift()?.()
  expect(ended).toEqual(['rests'])
})

test('a frame that got room after a long wait has its time to arrive', async () => {
  let nowMs = 0
  const due: (() => void)[] = []
  const after = (_: number, wake: () => void): { cancel: () => void } => {
    due.push(wake)
    return { cancel: () => undefined }
  }
  const clock = { ...surroundings.clock, nowMs: () => nowMs, after }
  const holdings = holdingsOf(mib, clock)
  const [full, mine, third] = [holdings.open(), holdings.open(), holdings.open()]
  full.take(mib)
  const server = createServer()
  let closedCount = 0
  server.on('stream', (stream) => {
    guardFrames(stream, { share: mine, frameBytesMax: mib, clock })
    stream.on('close', () => {
      closedCount += 1
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = session.request({ ':method': 'POST' })
  stream.write(Buffer.from([0, 0, 12, 0, 0, 1])) // of 768 KiB, one byte
  await vi.waitFor(() => {
    expect(due).toHaveLength(1)
  })
  nowMs = 5000
  full.close()
  expect(holdings.bytes).toBe(768 * kib - 1)
  third.wait(() => false)
  due.shift()?.()
  await new Promise((resolve) => session.ping(resolve))
  expect(closedCount).toBe(0)
  nowMs = 7000
  due.shift()?.()
  await vi.waitFor(() => {
    expect(closedCount).toBe(1)
  })
  session.destroy()
  server.close()
})

/** Opens a stream and says Hello on it. */
function open(session: ClientHttp2Session, api: 'produce' | 'fetch'): ClientHttp2Stream {
  const { service, method } = mappings[api]
  const stream = session.request({
    ...{ ':method': 'POST', ':path': `/${service}/${method}` },
    ...{ 'content-type': 'application/grpc', te: 'trailers' },
  })
  stream.on('error', () => undefined)
  stream.write(framed(helloFrame('log', clientHello)))
  return stream
}

/** Opens a produce stream, and writes the first part of a frame that claims `bytes`. */
function begin(session: ClientHttp2Session, bytes: number, sent: number): ClientHttp2Stream {
  const stream = open(session, 'produce')
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(bytes, 1)
  stream.write(Buffer.concat([prefix, Buffer.alloc(sent)]))
  return stream
}

function framed(message: {
  readonly length: number
  copy: (out: Buffer, at: number) => void
}): Buffer {
  const bytes = Buffer.alloc(5 + message.length)
  bytes.writeUInt32BE(message.length, 1)
  message.copy(bytes, 5)
  return bytes
}

test('frames that never end on a hundred streams hold back those streams, and nobody else', async () => {
  const listener = await serve(
    { produce: async () => Promise.resolve(producedAt(1)) },
    { heldBytesMax: 8 * mib },
  )
  const session = connectHttp2(`http://127.0.0.1:${listener.endpoint.port}`)
  session.on('error', () => undefined)
  const before = process.memoryUsage().arrayBuffers
  for (let count = 0; count < 100; count++) begin(session, mib, mib - 1)
  await vi.waitFor(() => {
    expect(session.state.remoteWindowSize).toBeLessThan(64 * kib)
  }, 10_000)
  const channel = connect(listener.endpoint.port)
  expect(await channel.request('produce', produceOf(100 * kib), soon)).toEqual(producedAt(1))
  // Unbounded, the 100 MiB would be in this process twice, as it is both sides.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150 * mib)
  await channel.close()
  session.destroy()
  await listener.close({ graceMs: 0 })
})

test('a frame that waited for room is taken whole when there is some', async () => {
  let settle = (): void => undefined
  const held = new Promise<void>((resolve) => {
    settle = resolve
  })
  const sizes: number[] = []
  const listener = await serve(
    {
      produce: async ({ partitions: [entry] }) => {
        sizes.push(entry?.records.length ?? 0)
        if (sizes.length === 1) await held
        return producedAt(sizes.length)
      },
    },
    { heldBytesMax: mib },
  )
  const [first, second] = [connect(listener.endpoint.port), connect(listener.endpoint.port)]
  const one = first.request('produce', produceOf(900 * kib), soon)
  await vi.waitFor(() => {
    expect(sizes).toHaveLength(1)
  })
  const two = second.request('produce', produceOf(950 * kib), soon)
  const small = await first.request('produce', produceOf(1000), soon)
  expect([small, sizes]).toEqual([producedAt(2), [900 * kib, 1000]])
  settle()
  expect([await one, await two]).toEqual([producedAt(2), producedAt(3)])
  await first.close()
  await second.close()
  await listener.close({ graceMs: 0 })
})

test('what is published counts until it is answered', async () => {
  let settle = (): void => undefined
  const held = new Promise<void>((resolve) => {
    settle = resolve
  })
  const sizes: number[] = []
  let askedCount = 0
  const listener = await serve(
    {
      metadata: async () => {
        askedCount += 1
        await held
        return refuse('NOT_READY', 'not now')
      },
      produce: async ({ partitions: [entry] }) => {
        sizes.push(entry?.records.length ?? 0)
        return Promise.resolve(producedAt(sizes.length))
      },
    },
    { heldBytesMax: mib, hasPlainDoor: true },
  )
  const { port } = listener.endpoint
  const plain = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  const codec = messageCodec<PublishRequest, unknown>('log', 'PublishRequest')
  const request = { topic: 'flights', records: [{ valueBytes: Buffer.alloc(900 * kib) }] }
  const published = new Promise((resolve) => {
    const path = '/sluice.v1.Log/Publish'
    plain.makeUnaryRequest(path, codec.serialize, (bytes: Buffer) => bytes, request, resolve)
  })
  await vi.waitFor(() => {
    expect(askedCount).toBe(1)
  }, 10_000)
  const [first, second] = [connect(port), connect(port)]
  const large = first.request('produce', produceOf(950 * kib), soon)
  for (let size = 1000; size < 1010; size++) await second.request('produce', produceOf(size), soon)
  expect(sizes).toHaveLength(10)
  settle()
  await published
  expect((await large).ok).toBe(true)
  plain.close()
  await first.close()
  await second.close()
  await listener.close({ graceMs: 0 })
})

test('a reader that takes no answers is asked no further than its connection may hold', async () => {
  let askedCount = 0
  const partition = {
    ...{ topicId: topic, partition: partitionIndex(0), records: [new Uint8Array(mib)] },
    ...{ highWatermark: offset(1), lastStableOffset: offset(1), logStartOffset: offset(0) },
  }
  const fetch = async (): Promise<Outcome<Apis['fetch']['response']>> => {
    askedCount += 1
    return Promise.resolve({ ok: true, value: { partitions: [partition] } })
  }
  const listener = await serve({ fetch })
  const session = connectHttp2(`http://127.0.0.1:${listener.endpoint.port}`)
  session.on('error', () => undefined)
  const streams = Array.from({ length: 20 }, () => open(session, 'fetch'))
  const request = {
    ...{ waitMsMax: 0, bytesMin: 1, bytesMax: mib, isolation: 'uncommitted' as const },
    partitions: [],
  }
  for (const stream of streams) {
    stream.pause()
    for (let id = 1; id <= 50; id++) {
      const frame = requestFrame(mappings.fetch, { correlationId: id, timeoutMs: 30_000, request })
      stream.write(framed(frame))
    }
  }
  await vi.waitFor(() => {
    expect(askedCount).toBeGreaterThanOrEqual(20)
  }, 10_000)
  const channel = connect(listener.endpoint.port)
  const others = await channel.request('fetch', request, soon)
  expect(others.ok).toBe(true)
  // 32 MiB held by the connection, what its windows took, and one request each stream had read ahead.
  expect(askedCount - 1).toBeLessThanOrEqual(32 + 20 + 2)
  await channel.close()
  session.destroy()
  await listener.close({ graceMs: 0 })
})
