/** Connections that cannot be made, that break, and that end: what callers and handlers are told. */
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { GrpcTransport } from '../../../../src/edge/grpc/transport.ts'
import {
  connect,
  deferred,
  faultCodeOf,
  freePort,
  hanging,
  listenOn,
  producedAt,
  produceOf,
  serve,
  surroundings,
} from './fixture.ts'

const soon = { timeoutMs: 10_000 }
/** What grpc-js would wait before its second attempt, less its jitter. */
const backoffMs = 800

test('nobody at the port rejects with refused at once, again and again', async () => {
  const port = await freePort()
  const channel = connect(port)
  await channel.request('metadata', { topics: 'all' }, soon).catch(() => undefined)
  for (let turn = 0; turn < 5; turn++) {
    const startMs = performance.now()
    const request =
      turn % 2 === 0
        ? channel.request('produce', produceOf(1), soon)
        : channel.request('metadata', { topics: 'all' }, soon)
    expect(await faultCodeOf(request)).toBe('refused')
    expect(performance.now() - startMs).toBeLessThan(backoffMs)
  }
  await channel.close()
})

test('a server that comes back is reached by the next request, without a wait', async () => {
  const port = await freePort()
  const channel = connect(port)
  for (let turn = 0; turn < 3; turn++) {
    expect(await faultCodeOf(channel.request('produce', produceOf(1), soon))).toBe('refused')
    const listener = await serve(
      { produce: async () => Promise.resolve(producedAt(turn)) },
      { port },
    )
    const startMs = performance.now()
    expect(await channel.request('produce', produceOf(1), soon)).toEqual(producedAt(turn))
    expect(performance.now() - startMs).toBeLessThan(backoffMs)
    await listener.close({ graceMs: 0 })
  }
  await channel.close()
})

test('a name without an address rejects with unresolved', async () => {
  const channel = connect(1, { host: 'no-such-host.invalid' })
  expect(await faultCodeOf(channel.request('produce', produceOf(1), soon))).toBe('unresolved')
  await channel.close()
})

test('a server that dies amid requests rejects them with disconnected', async () => {
  const started = deferred<undefined>()
  const listener = await serve(
    hanging(
      () => undefined,
      () => {
        started.resolve(undefined)
      },
    ),
  )
  const channel = connect(listener.endpoint.port)
  const requests = [
    channel.request('produce', produceOf(1), soon),
    channel.request('produce', produceOf(1), soon),
    channel.request('metadata', { topics: 'all' }, soon),
  ]
  const codes = Promise.all(requests.map(faultCodeOf))
  await started.promise
  await listener.close({ graceMs: 0 })
  expect(await codes).toEqual(['disconnected', 'disconnected', 'disconnected'])
  await channel.close()
})

test('the loss of the connection aborts the handler', async () => {
  const started = deferred<undefined>()
  const aborted = deferred<string>()
  const listener = await serve(
    hanging(
      (api) => {
        aborted.resolve(api)
      },
      () => {
        started.resolve(undefined)
      },
    ),
  )
  const channel = connect(listener.endpoint.port)
  const request = faultCodeOf(channel.request('produce', produceOf(1), soon))
  await started.promise
  await channel.close()
  expect(await request).toBe('closed')
  expect(await aborted.promise).toBe('produce')
  expect(await faultCodeOf(channel.request('produce', produceOf(1), soon))).toBe('closed')
  await listener.close({ graceMs: 0 })
})

test('a peer that takes the connection but never speaks costs one time-out, not the channel', async () => {
  const mute = createServer(() => undefined)
  const port = await listenOn(mute, 0)
  const channel = connect(port)
  expect(await faultCodeOf(channel.request('produce', produceOf(1), { timeoutMs: 50 }))).toBe(
    'timeout',
  )
  expect(await faultCodeOf(channel.request('metadata', { topics: 'all' }, { timeoutMs: 50 }))).toBe(
    'timeout',
  )
  mute.close()
  await channel.close()
})

test('a listener that closes in order answers what it has taken', async () => {
  const hold = deferred<undefined>()
  const started = deferred<undefined>()
  const listener = await serve({
    produce: async () => {
      started.resolve(undefined)
      await hold.promise
      return producedAt(5)
    },
  })
  const channel = connect(listener.endpoint.port)
  const request = channel.request('produce', produceOf(1), soon)
  await started.promise
  const closed = listener.close({ graceMs: 10_000 })
  hold.resolve(undefined)
  expect(await request).toEqual(producedAt(5))
  await closed
  expect(await faultCodeOf(channel.request('produce', produceOf(1), soon))).toBe('refused')
  await channel.close()
})

test('a listener closes after its grace when a request does not end', async () => {
  const started = deferred<undefined>()
  const listener = await serve(
    hanging(
      () => undefined,
      () => {
        started.resolve(undefined)
      },
    ),
  )
  const channel = connect(listener.endpoint.port)
  const request = faultCodeOf(channel.request('produce', produceOf(1), soon))
  await started.promise
  await listener.close({ graceMs: 50 })
  expect(await request).toBe('disconnected')
  await channel.close()
})

test('a probe tells an open port from a closed one', async () => {
  const listener = await serve({})
  const transport = new GrpcTransport(surroundings)
  expect(await transport.probe('127.0.0.1', listener.endpoint.port, 1000)).toBe('accepted')
  await listener.close({ graceMs: 0 })
  expect(await transport.probe('127.0.0.1', listener.endpoint.port, 1000)).toBe('refused')
})
