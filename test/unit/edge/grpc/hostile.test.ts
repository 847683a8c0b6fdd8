/** A port that is in use, and peers that send garbage: the process and the other connections live on. */
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2'
import { connect as connectSocket, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { nodeId } from '../../../../src/base/id.ts'
import { type Clock } from '../../../../src/engine/ports/clock.ts'
import { TransportFault } from '../../../../src/engine/ports/fault.ts'
import { helloFrame, requestFrame } from '../../../../src/edge/grpc/codec/frame.ts'
import { type WireMessage } from '../../../../src/edge/grpc/codec/wire-bytes.ts'
import { handshakeMsMax } from '../../../../src/edge/grpc/limits.ts'
import { GrpcListeners } from '../../../../src/edge/grpc/server.ts'
import { mappings } from '../../../../src/edge/grpc/mapping/table.ts'
import {
  clientHello,
  cluster,
  connect,
  handlerOf,
  producedAt,
  produceOf,
  serve,
  surroundings,
} from './fixture.ts'

const soon = { timeoutMs: 10_000 }
const answers = { produce: async () => Promise.resolve(producedAt(1)) }

test('a port in use is refused with a sentence that names it', async () => {
  const first = await serve(answers)
  const { port } = first.endpoint
  const second = serve(answers, { port })
  await expect(second).rejects.toBeInstanceOf(TransportFault)
  await expect(second).rejects.toMatchObject({
    code: 'refused',
    message: `The listener CLIENT cannot open 127.0.0.1:${port}: another program uses the port. Stop it, or give the listener another port.`,
  })
  const channel = connect(port)
  expect(await channel.request('produce', produceOf(1), soon)).toEqual(producedAt(1))
  await channel.close()
  await first.close({ graceMs: 0 })
  const third = await serve(answers, { port })
  await third.close({ graceMs: 0 })
})

const garbage: readonly (readonly [string, Buffer])[] = [
  ['text of another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['a Kafka request', Buffer.from('00000014001200030000000100046b636174', 'hex')],
  ['zeros', Buffer.alloc(100_000)],
  ['a TLS greeting', Buffer.from('16030100c8010000c40303', 'hex')],
  [
    'an HTTP/2 preface and noise',
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(50_000, 0xa5)]),
  ],
  [
    'an HTTP/2 frame that claims 16 MiB',
    Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from('ffffff000000000001', 'hex'),
    ]),
  ],
]

test.each(garbage)('%s on the port ends that connection and no other', async (_, bytes) => {
  const listener = await serve(answers)
  const channel = connect(listener.endpoint.port)
  expect(await channel.request('produce', produceOf(1), soon)).toEqual(producedAt(1))
  const socket = connectSocket(listener.endpoint.port, '127.0.0.1')
  socket.on('error', () => undefined)
  const ended = closeOf(socket)
  socket.write(bytes)
  await ended
  expect(await channel.request('produce', produceOf(1), soon)).toEqual(producedAt(1))
  await channel.close()
  await listener.close({ graceMs: 0 })
})

const frames: readonly (readonly [string, readonly Buffer[], string])[] = [
  ['a frame that claims 4 GiB', [Buffer.from('00ffffffff', 'hex')], '8'],
  ['a frame that claims 2 MiB', [Buffer.from('0000200000', 'hex')], '8'],
  ['a frame of noise', [framed(Buffer.alloc(1000, 0xff))], '13'],
  ['a compressed bomb', [bomb(8 * 1024 * 1024)], '8'],
]

test.each(frames)(
  '%s ends its stream with a status, not the connection',
  async (_, buffers, grpcStatus) => {
    const listener = await serve(answers)
    const session = connectHttp2(`http://127.0.0.1:${listener.endpoint.port}`)
    session.on('error', () => undefined)
    const { trailers } = await call(session, buffers)
    expect(trailers['grpc-status']).toBe(grpcStatus)
    const good = await call(session, [
      framed(bytesOf(helloFrame('log', clientHello))),
      framed(
        bytesOf(
          requestFrame(mappings.produce, {
            correlationId: 1,
            timeoutMs: 1000,
            request: produceOf(1),
          }),
        ),
      ),
    ])
    expect(good.bytes).toBeGreaterThan(20)
    session.destroy()
    await listener.close({ graceMs: 0 })
  },
)

test('a stream that begins without a Hello, or repeats an id, is told so and ended', async () => {
  const listener = await serve({ produce: async () => new Promise<never>(() => undefined) })
  const session = connectHttp2(`http://127.0.0.1:${listener.endpoint.port}`)
  const request = framed(
    bytesOf(
      requestFrame(mappings.produce, { correlationId: 1, timeoutMs: 1, request: produceOf(1) }),
    ),
  )
  const early = await call(session, [request])
  expect(early.text).toContain('The first frame of a stream holds a Hello.')
  const twice = await call(session, [
    framed(bytesOf(helloFrame('log', clientHello))),
    request,
    request,
  ])
  expect(twice.text).toContain('Correlation id 1 is not free.')
  session.destroy()
  await listener.close({ graceMs: 0 })
})

test('a request that cannot be read is refused by its id, and the stream goes on', async () => {
  const listener = await serve(answers)
  const session = connectHttp2(`http://127.0.0.1:${listener.endpoint.port}`)
  // correlation_id 1, request { partitions { topic_id: "x" } }
  const wrong = framed(Buffer.from('0801220512030a0178', 'hex'))
  const { text } = await call(session, [
    framed(bytesOf(helloFrame('log', clientHello))),
    wrong,
    framed(
      bytesOf(
        requestFrame(mappings.produce, {
          correlationId: 2,
          timeoutMs: 1000,
          request: produceOf(1),
        }),
      ),
    ),
  ])
  expect(text).toContain('Not a request: not a topic id (22 characters of base64url).')
  expect(text).toContain('BBBBBBBBBBBBBBBBBBBBBB')
  session.destroy()
  await listener.close({ graceMs: 0 })
})

test('a connection that never speaks is closed, one that does is not', async () => {
  const hasty: Clock = {
    ...surroundings.clock,
    after: (delayMs, work) =>
      surroundings.clock.after(delayMs === handshakeMsMax ? 50 : delayMs, work),
  }
  const listeners = new GrpcListeners({
    ...surroundings,
    clock: hasty,
    messageBytesMax: 1,
    heldBytesMax: 1024 * 1024,
  })
  const listener = await listeners.listen({
    endpoint: { listener: 'CLIENT', host: '127.0.0.1', port: 0 },
    clusterId: cluster,
    nodeId: nodeId(1),
    apis: ['produce'],
    handler: handlerOf(answers),
  })
  const channel = connect(listener.endpoint.port)
  await channel.request('produce', produceOf(1), soon)
  const peer = channel.peer()
  const socket = connectSocket(listener.endpoint.port, '127.0.0.1')
  await closeOf(socket)
  expect(await channel.request('produce', produceOf(1), soon)).toEqual(producedAt(1))
  expect(channel.peer()).toBe(peer)
  await channel.close()
  await listener.close({ graceMs: 0 })
})

test('a stream whose requests are not answered is not read on: the peer holds the rest', async () => {
  const mib = 1024 * 1024
  let bytes = 0
  const listener = await serve({
    produce: async ({ partitions }) => {
      for (const { records } of partitions) bytes += records.length
      return new Promise<never>(() => undefined)
    },
  })
  const channel = connect(listener.endpoint.port)
  const requests = Array.from({ length: 60 }, async () =>
    channel
      .request('produce', produceOf(mib), { timeoutMs: 1500 })
      .catch((cause: unknown) => cause),
  )
  const faults = await Promise.all(requests)
  expect(bytes).toBeLessThanOrEqual(8 * mib)
  expect(bytes).toBeGreaterThan(4 * mib)
  const refused = faults.filter(
    (fault) => fault instanceof TransportFault && fault.code === 'overloaded',
  )
  // 8 with the handler, 32 unsent here, and a few on the way.
  expect(refused.length).toBeGreaterThan(60 - 8 - 32 - 8)
  await channel.close()
  await listener.close({ graceMs: 0 })
})

/** Writes the frames, ends the request, and collects what comes back. */
async function call(
  session: ClientHttp2Session,
  buffers: readonly Buffer[],
): Promise<{
  readonly trailers: IncomingHttpHeaders
  readonly bytes: number
  readonly text: string
}> {
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: '/sluice.v1.Log/Produce',
    'content-type': 'application/grpc+proto',
    'grpc-encoding': 'gzip',
    te: 'trailers',
  })
  stream.on('error', () => undefined)
  let trailers: IncomingHttpHeaders = {}
  stream.on('response', (headers: IncomingHttpHeaders) => {
    if ('grpc-status' in headers) trailers = headers
  })
  stream.on('trailers', (headers: IncomingHttpHeaders) => {
    trailers = headers
  })
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  for (const buffer of buffers) stream.write(buffer)
  stream.end()
  await once(stream, 'close')
  const bytes = Buffer.concat(chunks)
  return { trailers, bytes: bytes.length, text: bytes.toString('latin1') }
}

function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** Zeros that inflate a thousandfold, marked as compressed. */
function bomb(bytes: number): Buffer {
  const frame = framed(gzipSync(Buffer.alloc(bytes)))
  frame[0] = 1
  return frame
}

function bytesOf(message: WireMessage): Buffer {
  const bytes = Buffer.alloc(message.length)
  message.copy(bytes, 0)
  return bytes
}

async function closeOf(socket: Socket): Promise<void> {
  socket.resume()
  await once(socket, 'close')
}
