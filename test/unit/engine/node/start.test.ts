import { expect, test } from 'vitest'
import { clusterId, directoryId, nodeId } from '../../../../src/base/id.ts'
import { present } from '../../../../src/base/assert.ts'
import { parseSettings } from '../../../../src/core/config/parse.ts'
import { type Settings } from '../../../../src/core/config/settings.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { formatNode } from '../../../../src/engine/node/format-node.ts'
import { Node } from '../../../../src/engine/node/node.ts'
import { StartFailure } from '../../../../src/engine/node/start-failure.ts'
import { type Ports } from '../../../../src/engine/ports/ports.ts'
import { simCompressor } from '../../../../src/sim/sim-compressor.ts'
import { SimMachine } from '../../../../src/sim/sim-machine.ts'
import { SimNetwork } from '../../../../src/sim/sim-network.ts'
import { SimScheduler } from '../../../../src/sim/sim-scheduler.ts'

const host = openSimHost()
const clusterA = clusterId('A'.repeat(22))
const clusterB = clusterId('B'.repeat(22))

/** Machines on one network; each start of one gives fresh ports. */
class Yard {
  readonly scheduler = new SimScheduler({ seed: 'start', host })
  readonly network = new SimNetwork(
    this.scheduler,
    (where, cause) => {
      throw new Error(`${where}: ${String(cause)}`)
    },
    () => undefined,
  )
  readonly #machines = new Map<string, SimMachine>()

  ports(name: string): Ports {
    const machine = this.#machines.get(name) ?? new SimMachine(this.scheduler, name)
    this.#machines.set(name, machine)
    machine.kill()
    const { process, ports } = machine.start()
    return { ...ports, ...this.network.portsOf(name, process), compressor: simCompressor() }
  }
}

function settingsOf(
  name: string,
  id: number,
  more: Readonly<Record<string, string>> = {},
): Settings {
  const values = {
    'node.id': String(id),
    listeners: `CLIENT://${name}:7092,CONTROLLER://${name}:7093`,
    'controller.quorum.bootstrap.servers': 'one:7093',
    'log.dirs': '/data',
    'metadata.log.dir': '/metadata',
    'broker.session.timeout.ms': '500',
    ...more,
  }
  const parsed = parseSettings([{ source: 'file', where: 'a test', values }])
  return present(parsed.ok ? parsed.settings : undefined, 'settings')
}

async function format(yard: Yard, name: string, settings: Settings, of = clusterA): Promise<void> {
  await formatNode({
    ports: yard.ports(name),
    settings,
    clusterId: of,
    nodeId: nodeId(settings['node.id']),
    initialControllers: [
      {
        nodeId: nodeId(1),
        directoryId: directoryId(`${'M'.repeat(21)}A`),
        endpoint: { listener: 'CONTROLLER', host: 'one', port: 7093 },
      },
    ],
  })
}

async function start(yard: Yard, name: string, settings: Settings): Promise<Node> {
  return Node.start({ ports: yard.ports(name), settings, nodeId: nodeId(settings['node.id']) })
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'fine'
  } catch (cause) {
    if (cause instanceof StartFailure) return cause.code
    throw cause
  }
}

async function onYard(work: (yard: Yard) => Promise<void>): Promise<void> {
  const yard = new Yard()
  await yard.scheduler.run(async () => work(yard), { virtualMsMax: 120_000 })
}

test('a formatted node starts, is ready, says so, and stops cleanly', async () => {
  await onYard(async (yard) => {
    const settings = settingsOf('one', 1)
    await format(yard, 'one', settings)
    const node = await start(yard, 'one', settings)
    await node.ready()
    expect(node.status()).toMatchObject({
      clusterId: clusterA,
      roles: ['broker', 'controller'],
      isActiveController: true,
      broker: { state: 'running', directories: [{ state: 'online' }] },
    })
    expect(node.endpoints().map(({ port }) => port)).toEqual([7092, 7093])
    await node.shutdown()
    await node.close()
    await (await start(yard, 'one', settings)).close()
  })
})

test('each thing that keeps a node from starting has its code', async () => {
  await onYard(async (yard) => {
    const settings = settingsOf('one', 1)
    expect(await codeOf(start(yard, 'one', settings))).toBe('NOT_FORMATTED')
    await format(yard, 'one', settings)
    expect(await codeOf(format(yard, 'one', settings))).toBe('ALREADY_FORMATTED')
    const asOther = Node.start({
      ports: yard.ports('one'),
      settings,
      nodeId: nodeId(1),
      clusterId: clusterB,
    })
    expect(await codeOf(asOther)).toBe('WRONG_CLUSTER_ID')
    expect(await codeOf(start(yard, 'one', settingsOf('one', 2)))).toBe('FOREIGN_DIRECTORY')
    const twice = settingsOf('one', 1, { 'log.dirs': '/data,/data' })
    expect(await codeOf(start(yard, 'one', twice))).toBe('INVALID_CONFIG')
  })
})

test('a controller that is not among the initial ones is not formatted', async () => {
  await onYard(async (yard) => {
    expect(await codeOf(format(yard, 'two', settingsOf('two', 2)))).toBe('INVALID_CONFIG')
  })
})

test('a port in use is told by its listener, and nothing is left open', async () => {
  await onYard(async (yard) => {
    const settings = settingsOf('one', 1, {
      listeners: 'CLIENT://one:7092,CONTROLLER://one:7092',
    })
    await format(yard, 'one', settings)
    const ports = yard.ports('one')
    const starting = async (): Promise<Node> => Node.start({ ports, settings, nodeId: nodeId(1) })
    expect(await codeOf(starting())).toBe('PORT_IN_USE')
    const other = settingsOf('one', 1)
    const node = await Node.start({ ports, settings: other, nodeId: nodeId(1) })
    await node.ready()
    await node.close()
  })
})

test('a second node with the same id is refused while the first is alive', async () => {
  await onYard(async (yard) => {
    const first = settingsOf('one', 1)
    await format(yard, 'one', first)
    const node = await start(yard, 'one', first)
    await node.ready()
    const second = settingsOf('two', 1, { 'process.roles': 'broker' })
    await format(yard, 'two', second)
    const twin = await start(yard, 'two', second)
    expect(await codeOf(twin.ready())).toBe('DUPLICATE_NODE_ID')
    await twin.close()
    expect(node.status().broker?.state).toBe('running')
    await node.close()
  })
})
