import { expect, test } from 'vitest'
import { clusterId, epoch, nodeId, offset } from '../../../src/base/id.ts'
import { type QuorumFetchResponse } from '../../../src/core/api/quorum.ts'
import { openSimHost } from '../../../src/edge/system/sim-host.ts'
import { type Channel, type ListenOptions } from '../../../src/engine/ports/transport.ts'
import { type RequestHandler } from '../../../src/engine/ports/request-handler.ts'
import { SimMachine } from '../../../src/sim/sim-machine.ts'
import { messageCopy } from '../../../src/sim/sim-message.ts'
import { SimNetwork } from '../../../src/sim/sim-network.ts'
import { SimScheduler } from '../../../src/sim/sim-scheduler.ts'

const cluster = clusterId('AAAAAAAAAAAAAAAAAAAAAQ')
const host = openSimHost()
const describeQuorum: QuorumFetchResponse = {
  leader: { epoch: epoch(1) },
  highWatermark: offset(0),
  logStartOffset: offset(0),
  records: [Uint8Array.of(1, 2, 3)],
}

/** Two hosts: `server` answers what `handle` says, `client` calls. */
class Fixture {
  readonly sim: SimScheduler
  readonly network: SimNetwork
  readonly server: SimMachine
  readonly client: SimMachine
  readonly defects: unknown[] = []
  received = 0
  handle: (signal: AbortSignal | undefined) => Promise<unknown> = async () => Promise.resolve()

  constructor(seed = 1) {
    this.sim = new SimScheduler({ seed, host })
    this.network = new SimNetwork(this.sim, (_, cause) => this.defects.push(cause))
    this.server = new SimMachine(this.sim, 'server')
    this.client = new SimMachine(this.sim, 'client')
  }

  async serve(): Promise<void> {
    const { process } = this.server.start()
    const handler: RequestHandler = {
      handle: async (_, __, context) => {
        this.received += 1
        await this.handle(context.signal)
        return { ok: true, value: describeQuorum }
      },
    }
    const options: ListenOptions = {
      endpoint: { listener: 'CONTROLLER', host: 'server', port: 9 },
      clusterId: cluster,
      nodeId: nodeId(1),
      apis: ['quorum-fetch'],
      handler,
    }
    await this.network.portsOf('server', process).listeners.listen(options)
  }

  connect(to: { host?: string; port?: number; cluster?: string } = {}): Channel {
    const process = this.client.process() ?? this.client.start().process
    return this.network.portsOf('client', process).transport.connect({
      host: to.host ?? 'server',
      port: to.port ?? 9,
      role: 'broker',
      hello: {
        clusterId: clusterId(to.cluster ?? cluster),
        protocolMin: 1,
        protocolMax: 1,
        clientId: 'test',
        features: [],
      },
    })
  }
}

async function ask(channel: Channel, timeoutMs = 1000, signal?: AbortSignal): Promise<unknown> {
  const answer = await channel.request(
    'quorum-fetch',
    {
      clusterId: cluster,
      replica: { nodeId: nodeId(2), directoryId: 'AAAAAAAAAAAAAAAAAAAAAg' as never },
      currentEpoch: epoch(1),
      fetchOffset: offset(0),
      lastFetchedEpoch: epoch(0),
      highWatermark: offset(0),
      waitMsMax: 0,
      bytesMax: 1,
    },
    { timeoutMs, ...(signal && { signal }) },
  )
  return answer
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'answered',
    (cause: unknown) => (cause as { code?: string }).code,
  )
}

test('a request is answered, and the peer is known from its Hello', async () => {
  const fixture = new Fixture()
  await fixture.sim.run(async () => {
    await fixture.serve()
    const channel = fixture.connect()
    expect(channel.peer()).toBeUndefined()
    expect(await ask(channel)).toEqual({ ok: true, value: describeQuorum })
    expect(channel.peer()?.nodeId).toBe(1)
  })
})

test('messages are frozen copies, their bytes are the receiver’s own', () => {
  const records = [Uint8Array.of(1)]
  const copy = messageCopy({ records, absent: undefined })
  records[0]?.fill(9)
  expect(copy).toEqual({ records: [Uint8Array.of(1)] })
  expect(Object.isFrozen(copy)).toBe(true)
  expect(Object.isFrozen(copy.records)).toBe(true)
  expect(() => messageCopy({ at: new Map() })).toThrow('cannot be sent')
  expect(() => messageCopy({ at: () => 1 })).toThrow('cannot be sent')
})

test('nobody at the port is refused, another cluster rejected, an unknown host unresolved', async () => {
  const fixture = new Fixture()
  await fixture.sim.run(async () => {
    await fixture.serve()
    expect(await codeOf(ask(fixture.connect({ port: 8 })))).toBe('refused')
    expect(await codeOf(ask(fixture.connect({ cluster: 'BBBBBBBBBBBBBBBBBBBBBQ' })))).toBe(
      'rejected',
    )
    expect(await codeOf(ask(fixture.connect({ host: 'nowhere' })))).toBe('unresolved')
  })
})

test('a killed server disconnects what it had taken, then refuses; a powerless one is silent', async () => {
  const fixture = new Fixture()
  await fixture.sim.run(async () => {
    await fixture.serve()
    fixture.handle = async () => new Promise(() => undefined)
    const channel = fixture.connect()
    const pending = codeOf(ask(channel, 5000))
    await new Promise<void>((resolve) => fixture.sim.after(10, resolve))
    fixture.server.kill()
    expect(await pending).toBe('disconnected')
    expect(await codeOf(ask(channel))).toBe('refused')
    fixture.network.powerOff('server')
    expect(await codeOf(ask(channel))).toBe('timeout')
    fixture.handle = async () => Promise.resolve()
    await fixture.serve()
    expect(await codeOf(ask(channel))).toBe('answered')
  })
})

test('a cut direction is silent, and what it held back arrives when it heals', async () => {
  for (const [from, to] of [
    ['client', 'server'],
    ['server', 'client'],
  ] as const) {
    const fixture = new Fixture()
    await fixture.sim.run(async () => {
      await fixture.serve()
      const channel = fixture.connect()
      await ask(channel)
      fixture.network.links.cut(from, to)
      expect(await codeOf(ask(channel, 100))).toBe('timeout')
      const pending = codeOf(ask(channel, 5000))
      fixture.sim.after(1000, () => {
        fixture.network.links.heal(from, to)
      })
      expect(await pending).toBe('answered')
    })
    expect(fixture.received).toBe(3)
  }
})

test('a cancelled request tells the server, and so does a broken connection', async () => {
  const fixture = new Fixture()
  await fixture.sim.run(async () => {
    await fixture.serve()
    let abortedCount = 0
    fixture.handle = async (signal) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => {
          abortedCount += 1
          resolve(undefined)
        })
      })
    const controller = new AbortController()
    const pending = codeOf(ask(fixture.connect(), 5000, controller.signal))
    fixture.sim.after(10, () => {
      controller.abort()
    })
    expect(await pending).toBe('cancelled')
    const other = codeOf(ask(fixture.connect(), 5000))
    fixture.sim.after(10, () => {
      fixture.network.resetBetween('client', 'server')
    })
    expect(await other).toBe('disconnected')
    await new Promise<void>((resolve) => fixture.sim.after(1000, resolve))
    expect(abortedCount).toBe(2)
  })
})

test('resets lose requests, lose answers, and let a retry overtake what the server still works on', async () => {
  const fixture = new Fixture(5)
  await fixture.sim.run(async () => {
    await fixture.serve()
    fixture.network.resetChance = 0.3
    const channel = fixture.connect()
    const outcomes = new Map<unknown, number>()
    for (let count = 0; count < 200; count++) {
      const code = await codeOf(ask(channel, 2000))
      outcomes.set(code, (outcomes.get(code) ?? 0) + 1)
    }
    expect([...outcomes.keys()].sort()).toEqual(['answered', 'disconnected'])
    expect(fixture.received).toBeGreaterThan(outcomes.get('answered') ?? 0)
    expect(fixture.received).toBeLessThan(200)
  })
})

test('requests of one api arrive in their order', async () => {
  const fixture = new Fixture()
  await fixture.sim.run(async () => {
    await fixture.serve()
    fixture.network.links.delays = { usualMs: 5, slowChance: 0.5, slowMsMax: 500 }
    const order: number[] = []
    const channel = fixture.connect()
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await ask(channel, 60_000)
        order.push(index)
      }),
    )
    expect(order).toEqual([...order].sort((left, right) => left - right))
  })
})

test('a probe tells refusal from silence', async () => {
  const fixture = new Fixture()
  await fixture.sim.run(async () => {
    await fixture.serve()
    const { process } = fixture.client.start()
    const { transport } = fixture.network.portsOf('client', process)
    expect(await transport.probe('server', 9, 100)).toBe('accepted')
    fixture.network.links.cut('server', 'client')
    expect(await transport.probe('server', 9, 100)).toBe('silent')
    fixture.network.links.healAll()
    fixture.server.kill()
    expect(await transport.probe('server', 9, 100)).toBe('refused')
    fixture.network.powerOff('server')
    expect(await transport.probe('server', 9, 100)).toBe('silent')
  })
})

test('a handler that breaks is answered as unknown, and its defect is reported', async () => {
  const fixture = new Fixture()
  await fixture.sim.run(async () => {
    await fixture.serve()
    fixture.handle = async () => Promise.reject(new Error('a bug'))
    expect(await ask(fixture.connect())).toMatchObject({ ok: false, code: 'UNKNOWN_SERVER_ERROR' })
    expect(fixture.defects).toHaveLength(1)
  })
})
