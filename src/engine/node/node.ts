/**
 * A running node: the one place where its parts are wired, for real processes (`app/server`) and for
 * the simulator alike. Opens from the inside out (directories, listeners that answer NOT_READY,
 * quorum, images, controller, broker) and closes in reverse.
 */
import { present } from '../../base/assert.ts'
import {
  incarnationId,
  type ClusterId,
  type DirectoryId,
  type Epoch,
  type NodeId,
  type Offset,
} from '../../base/id.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Settings } from '../../core/config/settings.ts'
import { metadataPartition, metadataTopicId } from '../../core/raft/metadata-topic.ts'
import { Broker, type BrokerStatus } from '../broker/broker.ts'
import { type HostedPartition } from '../broker/hosted-partition.ts'
import { ControllerRuntime } from '../controller/controller-runtime.ts'
import { StorageFault, TransportFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { type Listener } from '../ports/transport.ts'
import { loadMetadata } from '../quorum/metadata-loader.ts'
import { MetadataPublisher } from '../quorum/metadata-publisher.ts'
import { Quorum } from '../quorum/raft-driver.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { ElectionStore } from '../storage/election-store.ts'
import { LogDirectories } from '../storage/log-directories.ts'
import { LogDirectory } from '../storage/log-directory.ts'
import { plainPolicy, type DirectoryState, type PartitionLog } from '../storage/partition-log.ts'
import { dataStorageSettings, metadataStorageSettings } from '../storage/storage-settings.ts'
import { authorized } from './authorized-handler.ts'
import { awaitQuorum, quorumSentence } from './await-quorum.ts'
import {
  checkDataDirectories,
  checkDirectory,
  faultsAsFailures,
  pathsOf,
  startFailureOf,
  type NodeIdentity,
} from './directories.ts'
import {
  advertise,
  planListeners,
  rolesOf,
  type PlannedListener,
  type Role,
} from './listener-plan.ts'
import { brokerService, controllerService, type AnsweringParts } from './node-handlers.ts'
import { StartFailure } from './start-failure.ts'

/** What a node is started with. */
export interface StartNode {
  readonly ports: Ports
  readonly settings: Settings
  /** Absent: whatever the formatted directory says. */
  readonly clusterId?: ClusterId
  readonly nodeId: NodeId
  /** Told once when the node cannot go on (a defect or a lost metadata log): close it. */
  readonly onFailure?: (cause: unknown) => void
}

/** The node as operators see it. */
export interface NodeStatus {
  readonly nodeId: NodeId
  readonly clusterId: ClusterId
  readonly roles: readonly Role[]
  readonly quorum: {
    readonly epoch: Epoch
    readonly leaderId?: NodeId
    readonly isLeader: boolean
    readonly highWatermark: Offset
  }
  readonly metadataOffset: Offset
  readonly isActiveController: boolean
  /** Absent without the role broker. */
  readonly broker?: BrokerStatus & {
    readonly directories: readonly {
      /** Absent when it could not be opened. */
      readonly directoryId?: DirectoryId
      readonly path: string
      readonly state: DirectoryState
    }[]
  }
}

/** What a node consists of, for the simulator's checks and for tools: to be looked at, never driven. */
export interface NodeParts {
  readonly quorum: Quorum
  readonly metadataLog: PartitionLog
  readonly metadata: MetadataPublisher
  /** The partitions that the broker hosts; none without the role broker. */
  readonly hosted: () => Iterable<HostedPartition>
}

interface OpenListener {
  readonly planned: PlannedListener
  readonly listener: Listener
}

/** How long streams may take to end when the node stops in a controlled way. */
const closeGraceMs = 500

/** A node between `start` and `close`. */
export class Node {
  readonly #options: StartNode
  readonly #identity: NodeIdentity
  readonly #roles: readonly Role[]
  readonly #background: Lifecycle
  readonly #images = new MetadataPublisher()
  readonly #listeners: OpenListener[] = []
  #metadataDirectory: LogDirectory | undefined
  #directories: LogDirectories | undefined
  #election: ElectionStore | undefined
  #metadataLog: PartitionLog | undefined
  #quorum: Quorum | undefined
  #controller: ControllerRuntime | undefined
  #broker: Broker | undefined
  #closing: Promise<void> | undefined
  #hasFailed = false

  private constructor(options: StartNode, identity: NodeIdentity) {
    this.#options = options
    this.#identity = identity
    this.#roles = rolesOf(options.settings)
    this.#background = new Lifecycle(options.ports.telemetry, (name, cause) => {
      this.#fail(name, cause)
    })
  }

  /** Opens directories, listeners, quorum, controller and broker by `process.roles`; throws `StartFailure` and leaves nothing open. */
  static async start(options: StartNode): Promise<Node> {
    const { ports, settings, nodeId, clusterId: expected } = options
    const planned = planListeners(settings)
    const paths = pathsOf(settings)
    const { clusterId } = await checkDirectory(ports.files, paths.metadata, {
      nodeId,
      ...(expected !== undefined && { clusterId: expected }),
    })
    if (rolesOf(settings).includes('broker')) {
      await checkDataDirectories(ports.files, paths.data, { nodeId, clusterId })
    }
    const node = new Node(options, { nodeId, clusterId })
    try {
      await node.#openDirectories()
      for (const listener of planned) await node.#listen(listener)
      await node.#openParts()
      return node
    } catch (cause) {
      await node.close()
      throw cause
    }
  }

  /**
   * Resolves when the broker serves and, without the role broker, when a quorum leader is known;
   * rejects with `StartFailure` when the quorum or the controller refuses this node, or it is closed.
   */
  async ready(): Promise<void> {
    const quorum = this.#quorum
    const { signal } = this.#background
    if (quorum !== undefined) await awaitQuorum(quorum, this.#options.ports, signal)
    const stranger = quorum?.leadership().leaderId === undefined ? quorum?.refusal() : undefined
    if (stranger !== undefined) throw new StartFailure(stranger.code, stranger.message)
    const refused = signal.aborted ? undefined : await this.#broker?.ready()
    if (refused !== undefined) {
      const isDuplicate = refused.code === 'DUPLICATE_BROKER_REGISTRATION'
      const isForeign = refused.code === 'INCONSISTENT_CLUSTER_ID'
      const other = isForeign ? 'WRONG_CLUSTER_ID' : 'INVALID_CONFIG'
      throw new StartFailure(isDuplicate ? 'DUPLICATE_NODE_ID' : other, refused.message)
    }
    if (this.#background.isClosing) {
      throw new StartFailure(
        'CLOSED',
        `Node ${this.#identity.nodeId} was closed before it was ready.`,
      )
    }
  }

  /** One sentence on what this node waits for, before it is ready. */
  whyNotReady(): string {
    const quorum = this.#quorumOpen()
    const { leaderId } = quorum.leadership()
    if (leaderId === undefined) return quorumSentence(quorum)
    return `The quorum is led by node ${leaderId}, and the controller has not let this broker serve yet.`
  }

  /** The bound listeners as others are told of them, with their real ports. */
  endpoints(): readonly Endpoint[] {
    return this.#listeners.map(({ planned, listener }) => advertise(planned, listener.endpoint))
  }

  /** Its parts, to look at. */
  parts(): NodeParts {
    const broker = this.#broker
    return {
      quorum: this.#quorumOpen(),
      metadataLog: present(this.#metadataLog, 'the metadata log of a started node'),
      metadata: this.#images,
      hosted: () => broker?.hosted() ?? [],
    }
  }

  /** The node as it is now. */
  status(): NodeStatus {
    const { epoch, leaderId, isLeader } = this.#quorumOpen().leadership()
    const broker = this.#broker?.status()
    const directories = this.#directories
    return {
      ...this.#identity,
      roles: this.#roles,
      quorum: {
        epoch,
        ...(leaderId !== undefined && { leaderId }),
        isLeader,
        highWatermark: this.#quorumOpen().highWatermark(),
      },
      metadataOffset: this.#images.current().offset,
      isActiveController: this.#controller?.isActive() === true,
      ...(broker !== undefined &&
        directories !== undefined && {
          broker: { ...broker, directories: statesOf(directories) },
        }),
    }
  }

  /** Controlled: moves leadership away, gives up the quorum's leadership, then closes; goes on after `controlled.shutdown.timeout.ms`. */
  async shutdown(): Promise<void> {
    const { settings, ports } = this.#options
    const isMoved = await this.#broker?.shutdown(settings['controlled.shutdown.timeout.ms'])
    ports.telemetry.log('info', 'node-stopping', { leadershipMoved: isMoved })
    if (this.#roles.includes('controller')) await this.#quorum?.resign()
    await this.#close(closeGraceMs)
  }

  /** At once: what is in flight is abandoned, what is durable stays. A second call waits for the first. */
  async close(): Promise<void> {
    await this.#close(0)
  }

  async #close(graceMs: number): Promise<void> {
    this.#closing ??= this.#closeAll(graceMs)
    await this.#closing
  }

  async #closeAll(graceMs: number): Promise<void> {
    const broker = this.#broker?.close()
    await Promise.all(this.#listeners.map(async ({ listener }) => listener.close({ graceMs })))
    await broker
    await this.#controller?.close()
    await this.#quorum?.close()
    await this.#background.close()
    await this.#election?.close()
    await this.#directories?.close()
    await this.#metadataDirectory?.close()
  }

  async #openDirectories(): Promise<void> {
    const { ports, settings } = this.#options
    const paths = pathsOf(settings)
    const common = { ports, ...this.#identity }
    this.#metadataDirectory = await faultsAsFailures(paths.metadata, async () =>
      LogDirectory.open({
        ...common,
        path: paths.metadata,
        settings: metadataStorageSettings(settings),
        markEachGroup: true,
      }),
    )
    this.#election = await faultsAsFailures(paths.metadata, async () =>
      ElectionStore.open({ files: ports.files, path: `${paths.metadata}/election` }),
    )
    if (!this.#roles.includes('broker')) return
    const data = { paths: paths.data, settings: dataStorageSettings(settings) }
    const opened = await LogDirectories.open({ ...common, ...data })
    if (!(opened instanceof LogDirectories)) throw startFailureOf(opened.path, opened.fault)
    this.#directories = opened
  }

  async #listen(planned: PlannedListener): Promise<void> {
    const parts: AnsweringParts = {
      quorum: () => this.#quorum,
      controller: () => this.#controller,
      broker: () => this.#broker,
    }
    const service = planned.role === 'controller' ? controllerService(parts) : brokerService(parts)
    const { endpoint } = planned
    const handler = authorized(service.handler, this.#options.ports.authorizer)
    try {
      const options = { endpoint, ...this.#identity, ...service, handler }
      const listener = await this.#options.ports.listeners.listen(options)
      this.#listeners.push({ planned, listener })
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      const where = `${endpoint.host}:${endpoint.port}`
      const message = `Listener ${endpoint.listener} cannot be opened: ${where} is in use or not of this host.`
      throw new StartFailure('PORT_IN_USE', message, { cause })
    }
  }

  async #openParts(): Promise<void> {
    const { ports, settings } = this.#options
    const directory = this.#metadataDirectory
    const election = this.#election
    if (directory === undefined || election === undefined) return
    const isController = this.#roles.includes('controller')
    const log =
      directory.find(metadataTopicId, metadataPartition) ??
      (await directory.createLog({
        topicId: metadataTopicId,
        partition: metadataPartition,
        policy: plainPolicy('ack', settings['log.segment.bytes']),
      }))
    this.#metadataLog = log
    const quorum = await Quorum.open({
      ports,
      identity: { ...this.#identity, directoryId: directory.directoryId },
      log,
      directory,
      election,
      settings,
      controllerListener: isController ? this.#advertised('controller') : undefined,
      onFailure: (cause) => {
        this.#fail('quorum', cause)
      },
    })
    this.#quorum = quorum
    this.#background.spawn('metadata-loader', async (signal) =>
      loadMetadata(quorum, this.#images, signal),
    )
    if (isController) this.#startController(quorum)
    this.#startBroker(quorum)
  }

  #startController(quorum: Quorum): void {
    const { ports, settings } = this.#options
    this.#controller = new ControllerRuntime({
      ...{ ports, settings, quorum, metadata: this.#images },
      ...this.#identity,
      onFailure: (name, cause) => {
        this.#fail(name, cause)
      },
    })
    this.#controller.start()
  }

  #startBroker(quorum: Quorum): void {
    const { ports, settings } = this.#options
    const directories = this.#directories
    if (directories === undefined) return
    this.#background.spawn('log-directories', async (signal) =>
      this.#failWithoutDirectories(directories, signal),
    )
    this.#broker = new Broker({
      ...{ ports, settings, directories, quorum, metadata: this.#images },
      identity: { ...this.#identity, incarnationId: incarnationId(ports.entropy.uuid()) },
      endpoints: this.#listeners
        .filter(({ planned }) => planned.role === 'broker')
        .map(({ planned, listener }) => advertise(planned, listener.endpoint)),
      onFailure: (name, cause) => {
        this.#fail(name, cause)
      },
    })
    this.#broker.start()
  }

  /** A broker goes on while one of its directories does. */
  async #failWithoutDirectories(directories: LogDirectories, signal: AbortSignal): Promise<void> {
    const { stateChanged } = directories
    if (!(await stateChanged.until(() => directories.areAllOffline(), { signal }))) return
    await directories.failuresAreMarked()
    const paths = directories.paths().join(', ')
    const message = `Every log directory of this broker is offline (${paths}): replace the failing disk or take it out of log.dirs, then start the node again.`
    throw new StorageFault('io', message)
  }

  #advertised(role: Role): Endpoint | undefined {
    const open = this.#listeners.find(({ planned }) => planned.role === role)
    return open && advertise(open.planned, open.listener.endpoint)
  }

  #quorumOpen(): Quorum {
    return present(this.#quorum, 'the quorum of a started node')
  }

  #fail(name: string, cause: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    const { ports, onFailure } = this.#options
    ports.telemetry.log('error', 'node-failed', { name, cause })
    onFailure?.(cause)
  }
}

function statesOf(directories: LogDirectories): NonNullable<NodeStatus['broker']>['directories'] {
  return [
    ...directories.all().map((directory) => ({
      directoryId: directory.directoryId,
      path: directory.path,
      state: directory.state(),
    })),
    ...directories.unopened.map(({ path }) => ({ path, state: 'offline' as const })),
  ]
}
