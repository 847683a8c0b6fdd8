/**
 * What a cluster on this machine looks like: which nodes with which roles, on which ports, from
 * which of the configurations in `cluster/`. Node i adds 100 × (i − 1) to every port.
 */
import { createServer } from 'node:net'

/** The ports of one node. */
export interface NodePorts {
  /** Absent without the role broker. */
  readonly grpc?: number
  /** Absent without the role controller. */
  readonly quorum?: number
  readonly http: number
}

/** One node to be. */
export interface PlannedNode {
  readonly id: number
  readonly roles: readonly ('broker' | 'controller')[]
  readonly ports: NodePorts
  /** Path below `cluster/`. */
  readonly template: string
}

/** How the cluster should be. */
export interface ClusterShape {
  readonly nodeCount: number
  readonly isSplit: boolean
  readonly ports: 'default' | 'auto'
}

const base = { grpc: 7092, quorum: 7093, http: 7080 } as const
const controllerCount = 3
const autoPorts = { from: 12_000, to: 32_000 } as const

/** The nodes of a cluster; with `auto` on ports that are free now. */
export async function planNodes(shape: ClusterShape): Promise<readonly PlannedNode[]> {
  const nodes: PlannedNode[] = []
  const taken = new Set<number>()
  const total = shape.nodeCount + (shape.isSplit ? controllerCount : 0)
  for (let id = 1; id <= total; id += 1) {
    const roles = rolesOf(id, shape)
    const ports = shape.ports === 'auto' ? await freePorts(taken) : defaultPorts(id)
    nodes.push({ id, roles, template: templateOf(id, shape), ports: neededPorts(ports, roles) })
  }
  return nodes
}

/** The first port of the plan that somebody else uses. */
export async function firstUsedPort(
  nodes: readonly Pick<PlannedNode, 'ports'>[],
): Promise<number | undefined> {
  for (const { ports } of nodes) {
    for (const port of [ports.grpc, ports.quorum, ports.http])
      if (port !== undefined && !(await isFree(port))) return port
  }
  return undefined
}

function rolesOf(id: number, shape: ClusterShape): readonly ('broker' | 'controller')[] {
  if (shape.isSplit) return id <= shape.nodeCount ? ['broker'] : ['controller']
  return id <= controllerCount ? ['broker', 'controller'] : ['broker']
}

function templateOf(id: number, shape: ClusterShape): string {
  if (shape.isSplit) {
    const own = id <= shape.nodeCount ? Math.min(id, 3) : id - shape.nodeCount + 3
    return `split-roles/node-${own}.properties`
  }
  if (shape.nodeCount === 1) return 'one-node/node-1.properties'
  return `three-node/node-${Math.min(id, 3)}.properties`
}

function defaultPorts(id: number): Required<NodePorts> {
  const shift = 100 * (id - 1)
  return { grpc: base.grpc + shift, quorum: base.quorum + shift, http: base.http + shift }
}

function neededPorts(
  ports: Required<NodePorts>,
  roles: readonly ('broker' | 'controller')[],
): NodePorts {
  return {
    http: ports.http,
    ...(roles.includes('broker') && { grpc: ports.grpc }),
    ...(roles.includes('controller') && { quorum: ports.quorum }),
  }
}

async function freePorts(taken: Set<number>): Promise<Required<NodePorts>> {
  return {
    grpc: await freePort(taken),
    quorum: await freePort(taken),
    http: await freePort(taken),
  }
}

/**
 * Below the range from which the system takes ports for outgoing connections: one of those might take
 * the port of a node that is down, or even connect to itself. Somebody may still take it before the node does.
 */
async function freePort(taken: Set<number>): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const port = autoPorts.from + Math.floor(Math.random() * (autoPorts.to - autoPorts.from))
    if (taken.has(port) || !(await isFree(port))) continue
    taken.add(port)
    return port
  }
  throw new Error(`There is no free port between ${autoPorts.from} and ${autoPorts.to}.`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const isBound = await new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(false)
    })
    server.listen(port, '127.0.0.1', () => {
      resolve(true)
    })
  })
  if (!isBound) return false
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  return true
}
