/**
 * A whole cluster under one seed: nodes of `engine/node` on simulated machines and one simulated
 * network. It starts, kills and restarts nodes as a supervisor would, and tells what each node is, or
 * was last when it is dead, to whoever checks rules.
 */
import { Defect, present } from '../base/assert.ts'
import { clusterId, directoryId, type DirectoryId, nodeId } from '../base/id.ts'
import { type Settings } from '../core/config/settings.ts'
import { parseSettings } from '../core/config/parse.ts'
import { SluiceError } from '../engine/client/errors.ts'
import { formatNode } from '../engine/node/format-node.ts'
import { Node, type NodeParts } from '../engine/node/node.ts'
import { StartFailure } from '../engine/node/start-failure.ts'
import { StorageFault, TransportFault } from '../engine/ports/fault.ts'
import { type Clock } from '../engine/ports/clock.ts'
import { type Ports } from '../engine/ports/ports.ts'
import { type Violation } from './checker/history.ts'
import { type ClusterShape, type PlannedNode } from './cluster/cluster-shape.ts'
import { simCompressor } from './sim-compressor.ts'
import { type ServedRequest } from './sim-connection.ts'
import { simEntropy } from './sim-entropy.ts'
import { SimMachine } from './sim-machine.ts'
import { SimNetwork } from './sim-network.ts'
import { simClock, SimProcess } from './sim-process.ts'
import { type SimScheduler } from './sim-scheduler.ts'
import { SimTelemetry } from './sim-telemetry.ts'

/** One node of the cluster and its machine. */
export interface ClusterNode {
  readonly planned: PlannedNode
  readonly host: string
  readonly machine: SimMachine
  readonly settings: Settings
  readonly metadataDirectoryId: DirectoryId
  /** Counts its starts. */
  life: number
  /** While it runs and has started. */
  node: Node | undefined
  /** A supervisor starts it again when it fails. */
  isWanted: boolean
}

const clientPort = 7092
const controllerPort = 7093
const restartPauseMs = 300
const wallSkewMsMax = 120_000

/** Nodes, machines and wires. */
export class SimCluster {
  readonly scheduler: SimScheduler
  readonly network: SimNetwork
  readonly telemetry: SimTelemetry
  readonly nodes: readonly ClusterNode[]
  /** Virtual time for whoever stands outside of all machines. */
  readonly clock: Clock
  readonly #clusterId: ReturnType<typeof clusterId>
  readonly #violate: (violation: Violation) => void
  #clientCount = 0
  #compactionCount = 0

  /** `violate` hears of defects inside nodes, `onAnswer` of every answer that a node gives. */
  constructor(
    scheduler: SimScheduler,
    shape: ClusterShape,
    watch: {
      readonly violate: (violation: Violation) => void
      readonly onAnswer: (served: ServedRequest) => void
    },
  ) {
    this.scheduler = scheduler
    this.clock = simClock(
      new SimProcess({ name: 'outside', random: scheduler.random.fork('outside'), scheduler }),
    )
    this.#violate = watch.violate
    this.telemetry = new SimTelemetry(scheduler, {
      onLine: (line) => {
        const { cause, bytesBefore, bytesAfter } = line.fields
        if (line.event === 'log-compacted' && Number(bytesAfter) < Number(bytesBefore))
          this.#compactionCount += 1
        if (cause !== undefined && !isExpected(cause)) this.#defect(line.node, cause)
      },
    })
    this.network = new SimNetwork(
      scheduler,
      (host, cause) => {
        this.#defect(host, cause)
      },
      watch.onAnswer,
    )
    this.network.links.delays = shape.delays
    const ids = simEntropy(scheduler.random.fork('ids'))
    this.#clusterId = clusterId(ids.uuid())
    const skews = scheduler.random.fork('wall-clocks')
    this.nodes = shape.nodes.map((planned) => ({
      planned,
      host: hostOf(planned),
      machine: this.#newMachine(hostOf(planned), (skews.next() - 0.5) * wallSkewMsMax),
      settings: settingsOf(planned, shape),
      metadataDirectoryId: directoryId(ids.uuid()),
      life: 0,
      node: undefined,
      isWanted: false,
    }))
  }

  /** Addresses of the brokers, for a client. */
  bootstrap(): readonly { readonly host: string; readonly port: number }[] {
    return this.nodes
      .filter(({ planned }) => planned.roles.includes('broker'))
      .map(({ host }) => ({ host, port: clientPort }))
  }

  /** How often a log was rewritten to fewer bytes. */
  compactionCount(): number {
    return this.#compactionCount
  }

  /** Ports of a new client machine, which never fails. */
  clientPorts(): Ports {
    this.#clientCount += 1
    return this.#portsOn(this.#newMachine(`client-${this.#clientCount}`, 0))
  }

  /** Formats every node. */
  async format(): Promise<void> {
    const initialControllers = this.nodes
      .filter(({ planned }) => planned.roles.includes('controller'))
      .map(({ planned, host, metadataDirectoryId }) => ({
        nodeId: nodeId(planned.id),
        directoryId: metadataDirectoryId,
        endpoint: { listener: 'CONTROLLER', host, port: controllerPort },
      }))
    for (const { planned, machine, settings } of this.nodes) {
      await formatNode({
        ports: machine.start().ports,
        settings,
        clusterId: this.#clusterId,
        nodeId: nodeId(planned.id),
        initialControllers,
      })
      machine.kill()
    }
  }

  /** Makes every node's disk slower; clients have none. */
  slowDisks(slowness: number): void {
    for (const { machine } of this.nodes) machine.disk.slowness = slowness
  }

  /** Starts a node, and again whenever it fails, until it is stopped. */
  start(node: ClusterNode): void {
    node.isWanted = true
    if (node.machine.process() !== undefined) return
    node.life += 1
    const { life } = node
    const ports = this.#portsOn(node.machine)
    const failed = (cause: unknown): void => {
      if (node.life === life) this.#restartLater(node, cause)
    }
    Node.start({
      ports,
      settings: node.settings,
      clusterId: this.#clusterId,
      nodeId: nodeId(node.planned.id),
      onFailure: failed,
    }).then((started) => {
      if (node.life === life && node.machine.process() !== undefined) node.node = started
    }, failed)
  }

  /** Ends a node's process at once: `kill` leaves the page cache, `power-loss` does not. */
  stop(node: ClusterNode, how: 'kill' | 'power-loss'): void {
    node.isWanted = false
    node.node = undefined
    if (how === 'kill') node.machine.kill()
    else {
      this.network.powerOff(node.host)
      node.machine.powerOff()
    }
  }

  /** What a node consists of, while it runs. */
  partsOf(node: ClusterNode): NodeParts | undefined {
    return node.node?.parts()
  }

  #newMachine(host: string, wallSkewMs: number): SimMachine {
    const machine = new SimMachine(this.scheduler, host, this.telemetry)
    machine.wallSkewMs = wallSkewMs
    return machine
  }

  #portsOn(machine: SimMachine): Ports {
    const { process, ports } = machine.start()
    return { ...ports, ...this.network.portsOf(machine.name, process), compressor: simCompressor() }
  }

  #restartLater(node: ClusterNode, cause: unknown): void {
    if (!isExpected(cause)) this.#defect(node.host, cause)
    node.node = undefined
    node.machine.kill()
    this.scheduler.after(restartPauseMs, () => {
      if (node.isWanted) this.start(node)
    })
  }

  #defect(host: string, cause: unknown): void {
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    this.#violate({ rule: 'DEFECT', message: `${host}: ${text}` })
  }
}

function hostOf(planned: PlannedNode): string {
  return `node-${planned.id}`
}

/** What nodes and clients may fail with when the world around it fails. */
function isExpected(cause: unknown): boolean {
  return (
    cause instanceof StorageFault ||
    cause instanceof TransportFault ||
    cause instanceof SluiceError ||
    (cause instanceof StartFailure && cause.code !== 'INVALID_CONFIG')
  )
}

function settingsOf(planned: PlannedNode, shape: ClusterShape): Settings {
  const host = hostOf(planned)
  const { roles } = planned
  const voters = shape.nodes.filter((node) => node.roles.includes('controller'))
  const values = {
    ...shape.settings,
    'node.id': String(planned.id),
    'process.roles': roles.join(','),
    listeners: [
      ...(roles.includes('broker') ? [`CLIENT://${host}:${clientPort}`] : []),
      ...(roles.includes('controller') ? [`CONTROLLER://${host}:${controllerPort}`] : []),
    ].join(','),
    'controller.quorum.bootstrap.servers': voters
      .map((voter) => `${hostOf(voter)}:${controllerPort}`)
      .join(','),
    'log.dirs': shape.directories.join(','),
    'metadata.log.dir': '/metadata',
  }
  const parsed = parseSettings([{ source: 'file', where: 'the simulation', values }])
  if (!parsed.ok) throw new Defect(parsed.message)
  return present(parsed.settings, 'settings')
}
