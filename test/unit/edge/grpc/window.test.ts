/** Receive windows as the peer sees them: fails when a grpc-js breaks `window.ts`. */
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer,
  type ServerHttp2Session,
} from 'node:http2'
import { expect, test, vi } from 'vitest'
import { incarnationId, nodeId } from '../../../../src/base/id.ts'
import { helloFrame } from '../../../../src/edge/grpc/codec/frame.ts'
import { windowBytes } from '../../../../src/edge/grpc/window.ts'
import { clientHello, connect, produceOf, serve } from './fixture.ts'

const mib = 1024 * 1024

test('the windows are 1 MiB for clients and 4 MiB between brokers', () => {
  expect(windowBytes).toEqual({ client: mib, broker: 4 * mib })
})

test('a listener lets 1 MiB come on a stream and on a connection', async () => {
  const listener = await serve({})
  const session = connectHttp2(`http://127.0.0.1:${listener.endpoint.port}`)
  await once(session, 'remoteSettings')
  expect(session.remoteSettings.initialWindowSize).toBe(mib)
  await vi.waitFor(() => {
    expect(session.state.remoteWindowSize).toBe(mib)
  })
  expect(session.remoteSettings.maxConcurrentStreams).toBe(128)
  session.destroy()
  await listener.close({ graceMs: 0 })
})

test('a listener lets 4 MiB come from a broker, also on streams that are open', async () => {
  const listener = await serve({})
  const session = connectHttp2(`http://127.0.0.1:${listener.endpoint.port}`)
  await once(session, 'remoteSettings')
  const broker = {
    brokerId: nodeId(2),
    incarnationId: incarnationId('CCCCCCCCCCCCCCCCCCCCCC'),
    directoryIds: [],
  }
  sayHello(session, helloFrame('log', { ...clientHello, broker }))
  await vi.waitFor(() => {
    expect(session.remoteSettings.initialWindowSize).toBe(4 * mib)
    expect(session.state.remoteWindowSize).toBeGreaterThan(4 * mib - 1000)
  })
  session.destroy()
  await listener.close({ graceMs: 0 })
})

test.each(['client', 'broker'] as const)(
  'a channel of a %s lets its window come on a stream and on the connection',
  async (role) => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const channel = connect(port, { role })
    const request = channel
      .request('produce', produceOf(1), { timeoutMs: 10_000 })
      .catch(() => undefined)
    const [session] = (await once(server, 'session')) as [ServerHttp2Session]
    await once(session, 'remoteSettings')
    expect(session.remoteSettings.initialWindowSize).toBe(windowBytes[role])
    await vi.waitFor(() => {
      expect(session.state.remoteWindowSize).toBe(windowBytes[role])
    })
    await channel.close()
    await request
    session.destroy()
    server.close()
  },
)

function sayHello(
  session: ClientHttp2Session,
  frame: { readonly length: number; copy: (out: Buffer, at: number) => void },
): void {
  const bytes = Buffer.alloc(frame.length + 5)
  bytes.writeUInt32BE(frame.length, 1)
  frame.copy(bytes, 5)
  const stream = session.request({
    ':method': 'POST',
    ':path': '/sluice.v1.Log/Produce',
    'content-type': 'application/grpc+proto',
    te: 'trailers',
  })
  stream.write(bytes)
}
