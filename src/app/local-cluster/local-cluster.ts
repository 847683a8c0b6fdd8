/**
 * A cluster of real node processes on this machine, in one directory: what `sluice cluster`, the
 * quickstart, the e2e tests and the benchmarks drive. Every command reads the state file and leaves
 * it true. Signals go only to processes that were started here and are still the same ones.
 */
import { resolve } from 'node:path'
import { removeCluster, requireClusterOrEmpty } from './cluster-dir.ts'
import { LocalClusterError } from './local-cluster-error.ts'
import { type StartedNode, spawnNode, waitForEnd, waitForReady } from './node-process.ts'
import { type ClusterShape, firstUsedPort, planNodes } from './plan.ts'
import { type ProcessState, signal, stateOf } from './process-identity.ts'
import { type LocalClusterState, type LocalNode, readState, writeState } from './state-file.ts'

/** A node as `cluster status` prints it. */
export interface LocalNodeStatus {
  readonly id: number
  readonly roles: readonly string[]
  readonly pid: number | null
  readonly state: 'running' | 'paused' | 'stopped'
  readonly grpc: string | null
  readonly quorum: string | null
  readonly kafka: null
  readonly http: string
  readonly dir: string
}

/** A cluster as `cluster status` prints it. */
export interface LocalClusterStatus {
  readonly bootstrap: string
  readonly clusterId: string
  readonly nodes: readonly LocalNodeStatus[]
}

/** The cluster to bring up; what is known of an existing one need not be said again. */
interface ClusterToStart extends Omit<ClusterShape, 'nodeCount'> {
  /** Default: as it is, of a new one `defaultNodeCount`. */
  readonly nodeCount?: number | undefined
  /** `key=value` for every node of a new cluster. */
  readonly set: readonly string[]
}

/** Brokers of a cluster when nothing else is said. */
const defaultNodeCount = 3

const readyLimitMs = 60_000
const stopLimitMs = 20_000
const host = '127.0.0.1'

/** The cluster of one directory. */
export class LocalCluster {
  readonly #dir: string

  /** `dir` need not exist yet. */
  constructor(dir: string) {
    this.#dir = resolve(dir)
  }

  /** Formats the directory when it is new, starts every node that does not run, and waits until all are ready. */
  async up(shape: ClusterToStart): Promise<LocalClusterStatus> {
    await requireClusterOrEmpty(this.#dir)
    const known = await readState(this.#dir)
    if (known !== undefined) this.#checkShape(known, shape)
    const state = known ?? (await this.#create(shape))
    const idle = state.nodes.filter((node) => processStateOf(node) === 'gone')
    await this.#startAll(state, idle)
    return this.status()
  }

  /** Starts one node and waits until it is ready. */
  async start(id: number): Promise<void> {
    const { state, node } = await this.#find(id)
    if (processStateOf(node) !== 'gone') return
    await this.#startAll(state, [node])
  }

  /** Controlled shutdown of one node; killed when it takes too long. */
  async stop(id: number): Promise<void> {
    const { node } = await this.#find(id)
    await stopNode(node)
    await this.#forget([node])
  }

  /** SIGKILL, as a crash of the process. */
  async kill(id: number): Promise<void> {
    const { node } = await this.#find(id)
    if (node.process === undefined || !signal(node.process, 'SIGKILL'))
      throw new LocalClusterError('FAILED', `Node ${id} does not run, so it cannot be killed.`)
    await waitForEnd(node.process, stopLimitMs)
    await this.#forget([node])
  }

  /** SIGSTOP: the process stands still, its connections stay open. */
  async pause(id: number): Promise<void> {
    await this.#signal(id, 'SIGSTOP')
  }

  /** SIGCONT. */
  async resume(id: number): Promise<void> {
    await this.#signal(id, 'SIGCONT')
  }

  /** Stops every node, all at once. */
  async down(): Promise<void> {
    const { nodes } = await this.#state()
    await Promise.all(nodes.map(stopNode))
    await this.#forget(nodes)
  }

  /** Kills every node and removes what the cluster made; other files in the directory stay. */
  async wipe(): Promise<void> {
    const { nodes } = await this.#state()
    await Promise.all(
      nodes.map(async ({ process: identity }) => {
        if (identity === undefined || !signal(identity, 'SIGKILL')) return
        await waitForEnd(identity, stopLimitMs)
      }),
    )
    await removeCluster(this.#dir)
  }

  /** The cluster as it is now. */
  async status(): Promise<LocalClusterStatus> {
    const { clusterId, nodes } = await this.#state()
    const print = (port: number | undefined): string | null =>
      port === undefined ? null : `${host}:${port}`
    const described = nodes.map((node): LocalNodeStatus => {
      const state = processStateOf(node)
      return {
        id: node.id,
        roles: node.roles,
        pid: state === 'gone' ? null : (node.process?.pid ?? null),
        state: state === 'gone' ? 'stopped' : state,
        grpc: print(node.ports.grpc),
        quorum: print(node.ports.quorum),
        kafka: null,
        http: `${host}:${node.ports.http}`,
        dir: node.dir,
      }
    })
    const bootstrap = described.flatMap(({ grpc }) => grpc ?? []).join(',')
    return { bootstrap, clusterId, nodes: described }
  }

  #checkShape(known: LocalClusterState, { nodeCount, isSplit }: ClusterToStart): void {
    const count = known.nodes.filter(({ roles }) => roles.includes('broker')).length
    const change = `a cluster does not change its shape: take another --dir, or wipe it first`
    if (nodeCount !== undefined && nodeCount !== count)
      throw new LocalClusterError(
        'USAGE',
        `The cluster in ${this.#dir} has ${count} brokers, not ${nodeCount}: ${change}.`,
      )
    if (isSplit && known.nodes.length === count)
      throw new LocalClusterError(
        'USAGE',
        `The cluster in ${this.#dir} has no controllers of their own: ${change}.`,
      )
  }

  async #create(shape: ClusterToStart): Promise<LocalClusterState> {
    const nodes = await planNodes({ ...shape, nodeCount: shape.nodeCount ?? defaultNodeCount })
    const used = await firstUsedPort(nodes)
    if (used !== undefined)
      throw new LocalClusterError(
        'FAILED',
        `Port ${used} is in use: stop what runs there, or choose free ports with --ports auto.`,
      )
    // Loaded only here: starting a formatted cluster again needs none of the storage code.
    const { formatCluster } = await import('./format-cluster.ts')
    const state = await formatCluster({ dir: this.#dir, nodes, set: shape.set })
    await writeState(this.#dir, state)
    return state
  }

  async #startAll(state: LocalClusterState, nodes: readonly LocalNode[]): Promise<void> {
    const started = new Map<number, StartedNode>(
      nodes.map((node) => [node.id, spawnNode(node.dir)]),
    )
    await writeState(this.#dir, {
      ...state,
      nodes: state.nodes.map((node) => {
        const identity = started.get(node.id)?.identity
        return identity === undefined ? node : { ...node, process: identity }
      }),
    })
    try {
      await Promise.all(
        Array.from(started, async ([id, one]) => waitForReady(one, readyLimitMs).catch(naming(id))),
      )
    } catch (cause) {
      for (const { identity } of started.values()) signal(identity, 'SIGKILL')
      await this.#forget(nodes)
      throw cause
    }
  }

  async #signal(id: number, name: NodeJS.Signals): Promise<void> {
    const { node } = await this.#find(id)
    if (node.process === undefined || !signal(node.process, name))
      throw new LocalClusterError('FAILED', `Node ${id} does not run: start it first.`)
  }

  async #forget(gone: readonly LocalNode[]): Promise<void> {
    const state = await this.#state()
    const nodes = state.nodes.map((node) => {
      if (gone.every(({ id }) => id !== node.id)) return node
      return { id: node.id, roles: node.roles, ports: node.ports, dir: node.dir }
    })
    await writeState(this.#dir, { ...state, nodes })
  }

  async #find(
    id: number,
  ): Promise<{ readonly state: LocalClusterState; readonly node: LocalNode }> {
    const state = await this.#state()
    const node = state.nodes.find((one) => one.id === id)
    if (node === undefined) {
      const known = state.nodes.map((one) => one.id).join(', ')
      throw new LocalClusterError(
        'FAILED',
        `There is no node ${id} in ${this.#dir}: it has nodes ${known}.`,
      )
    }
    return { state, node }
  }

  async #state(): Promise<LocalClusterState> {
    const state = await readState(this.#dir)
    if (state !== undefined) return state
    throw new LocalClusterError(
      'FAILED',
      `There is no cluster in ${this.#dir}: make one with sluice cluster up.`,
    )
  }
}

function processStateOf(node: LocalNode): ProcessState {
  return node.process === undefined ? 'gone' : stateOf(node.process)
}

async function stopNode({ process: identity }: LocalNode): Promise<void> {
  if (identity === undefined || !signal(identity, 'SIGTERM')) return
  signal(identity, 'SIGCONT') // a paused one hears it only when it goes on
  if (await waitForEnd(identity, stopLimitMs)) return
  signal(identity, 'SIGKILL')
  await waitForEnd(identity, stopLimitMs)
}

function naming(id: number): (cause: unknown) => never {
  return (cause) => {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new LocalClusterError('FAILED', `Node ${id} did not start: ${message}`, { cause })
  }
}
