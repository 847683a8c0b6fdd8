/**
 * A broker: hosts partitions, serves clients and followers, follows other leaders, and stands with
 * the controller. This file only wires the parts and routes requests; what they do is in their own
 * files. `engine/node` starts it.
 */
import { type BrokerEpoch, type NodeId } from '../../base/id.ts'
import { type ApiName, type Apis } from '../../core/api/apis.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Hello } from '../../core/api/hello.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type RequestContext } from '../../core/api/request-context.ts'
import { dynamicSetting } from '../../core/config/effective-config.ts'
import { type Settings } from '../../core/config/settings.ts'
import { type BrokerFacts } from '../../core/replica/isr-change.ts'
import { type Ports } from '../ports/ports.ts'
import { type MetadataImage } from '../../core/metadata/image/image.ts'
import { type MetadataPublisher } from '../quorum/metadata-publisher.ts'
import { type Quorum } from '../quorum/raft-driver.ts'
import { sleep } from '../runtime/sleep.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { TimerWheel } from '../runtime/timer-wheel.ts'
import { type LogDirectories } from '../storage/log-directories.ts'
import { Announcer } from './announcer.ts'
import { brokerHello, type BrokerIdentity } from './broker-identity.ts'
import { BrokerLifecycle, type RegistrationRefused } from './broker-lifecycle.ts'
import { type BrokerParts } from './broker-parts.ts'
import { Compactions } from './compactions.ts'
import { ControllerLink } from './controller-link.ts'
import { watchFollowers } from './follower-evidence.ts'
import { deleteRecords } from './handlers/delete-records.ts'
import { describeConfigs } from './handlers/describe-configs.ts'
import { fetch } from './handlers/fetch.ts'
import { forward } from './handlers/forward.ts'
import { initProducerId } from './handlers/init-producer-id.ts'
import { alterReplicaLogDirs, describeLogDirs } from './handlers/log-dirs.ts'
import { listOffsets } from './handlers/list-offsets.ts'
import { metadata } from './handlers/metadata.ts'
import { produce } from './handlers/produce.ts'
import { replicaFetch } from './handlers/replica-fetch.ts'
import { type HostedPartition } from './hosted-partition.ts'
import { IsrChanges } from './isr-changes.ts'
import { ProducerIds } from './producer-ids.ts'
import { keepUp } from './log-upkeep.ts'
import { ProducerUpkeep } from './producer-upkeep.ts'
import { LogMoves } from './log-moves.ts'
import { Purgatory } from './purgatory.ts'
import { Repacker } from './repacker.ts'
import { ReplicaLinks } from './replica-links.ts'
import { ReplicaSessions } from './replica-sessions.ts'
import { Replicas } from './replicas.ts'
import { Standing, type BrokerState } from './standing.ts'
import { StorageFailures } from './storage-failures.ts'
import { TimeLookup } from './time-lookup.ts'

/** Operations that a broker answers on its listeners. */
export const brokerApis = [
  'produce',
  'fetch',
  'list-offsets',
  'delete-records',
  'replica-fetch',
  'metadata',
  'describe-configs',
  'describe-log-dirs',
  'alter-replica-log-dirs',
  'create-topics',
  'delete-topics',
  'create-partitions',
  'alter-configs',
  'elect-leaders',
  'describe-quorum',
  'init-producer-id',
] as const satisfies readonly ApiName[]

/** One of them. */
export type BrokerApi = (typeof brokerApis)[number]

/** What a broker is made of. */
export interface OpenBroker {
  readonly ports: Ports
  readonly settings: Settings
  readonly identity: BrokerIdentity
  /** What clients and other brokers are told to reach this broker at. */
  readonly endpoints: readonly Endpoint[]
  readonly directories: LogDirectories
  readonly metadata: MetadataPublisher
  readonly quorum: Pick<Quorum, 'leadership' | 'leadershipChanged'>
  /** Told of background work that failed for a reason that nobody handles. */
  readonly onFailure: (name: string, cause: unknown) => void
}

/** Numbers of a broker. */
export interface BrokerStatus {
  readonly state: BrokerState
  readonly epoch?: BrokerEpoch
  readonly replicaCount: number
  readonly leaderCount: number
}

const waitingCountMax = 100_000
const wheelSlotMs = 10

/** A broker. */
export class Broker {
  readonly #options: OpenBroker
  readonly #hosted = new Map<string, HostedPartition>()
  readonly #standing = new Standing()
  readonly #wheel: TimerWheel
  readonly #isrLink: ControllerLink
  readonly #lifeLink: ControllerLink
  readonly #parts: BrokerParts
  readonly #isr: IsrChanges
  readonly #life: BrokerLifecycle
  readonly #handlers: Handlers

  constructor(options: OpenBroker) {
    this.#options = options
    this.#wheel = new TimerWheel({ clock: options.ports.clock, slotMs: wheelSlotMs })
    this.#isrLink = this.#newLink()
    this.#lifeLink = this.#newLink()
    this.#isr = this.#newIsrChanges()
    this.#parts = this.#wire()
    this.#handlers = handlersOf(this.#parts)
    const { ports, settings, identity, endpoints, directories, quorum } = options
    this.#life = new BrokerLifecycle({
      ...{ ports, settings, identity, endpoints, directories, link: this.#lifeLink },
      replicas: this.#parts.replicas,
      standing: this.#standing,
      controllerMoved: quorum.leadershipChanged,
    })
  }

  /** Starts following images, registering and replicating. */
  start(): void {
    const { background, replicas, sessions, upkeep, moves } = this.#parts
    const { ports, settings } = this.#options
    background.spawn('replay-images', async (signal) => replicas.run(signal))
    background.spawn('broker-life', async (signal) => this.#life.run(signal))
    background.spawn('isr-changes', async (signal) => this.#isr.run(signal))
    background.spawn('lag-check', async (signal) => this.#checkLag(signal))
    background.spawn('producers', async (signal) => upkeep.run(signal))
    background.spawn('compaction', async (signal) => this.#compactions().run(signal))
    background.spawn('log-upkeep', async (signal) => this.#keepUpLogs(signal))
    background.spawn('strays', async (signal) => this.#removeStrays(signal))
    background.spawn('log-moves', async (signal) => moves.run(signal))
    background.spawn('directory-states', async (signal) => this.#followDirectories(signal))
    background.spawn('unclean-logs', async (signal) => this.#forgetUnclean(signal))
    if (!settings['controller.crash.evidence.enable']) return
    background.spawn('follower-evidence', async (signal) =>
      watchFollowers(
        {
          ...{ ports, sessions },
          hosted: () => replicas.all(),
          brokerIds: () => this.#otherBrokerIds(),
          endpointOf: (id) => this.#endpointOf(id),
          considerIsr: (hosted) => {
            this.#isr.consider(hosted)
          },
        },
        signal,
      ),
    )
  }

  /** Answers a request; appends of one partition happen in the order of the calls. */
  async handle<A extends BrokerApi>(
    api: A,
    request: Apis[A]['request'],
    context: RequestContext,
  ): Promise<Outcome<Apis[A]['response']>> {
    if (this.#parts.background.isClosing) return refuse('NOT_READY', 'this broker is stopping')
    return this.#handlers[api](request, context)
  }

  /** Where the broker is in its life. */
  state(): BrokerState {
    return this.#parts.standing.state()
  }

  /** Numbers for operators. */
  status(): BrokerStatus {
    const { standing, replicas } = this.#parts
    const epoch = standing.brokerEpoch()
    return {
      state: standing.state(),
      ...(epoch !== undefined && { epoch }),
      ...replicas.counts(),
    }
  }

  /** The replicas hosted here, for the simulator's checks and for tools. */
  hosted(): Iterable<HostedPartition> {
    return this.#hosted.values()
  }

  /** Resolves when the broker serves, or with the reason why it never will. */
  async ready(): Promise<RegistrationRefused | undefined> {
    const { standing } = this.#parts
    await standing.changed.until(() => standing.isServing() || standing.state() === 'stopped')
    return this.#life.refused()
  }

  /** Asks the controller to move leadership away; false when it did not within `timeoutMs`. */
  async shutdown(timeoutMs: number): Promise<boolean> {
    return this.#life.shutdown(timeoutMs)
  }

  /** Stops at once: whoever waits is answered, background work ends. The directories stay open. */
  async close(): Promise<void> {
    const { standing, sessions, background, adminLink } = this.#parts
    standing.become('stopped')
    sessions.close()
    const links = [this.#lifeLink, this.#isrLink, adminLink]
    await Promise.all(links.map(async (link) => link.close()))
    await background.close()
    for (const { producers } of this.#hosted.values()) producers.save()
    this.#wheel.close()
  }

  #newLink(): ControllerLink {
    const { ports, quorum } = this.#options
    return new ControllerLink({
      transport: ports.transport,
      controller: () => quorum.leadership().leaderEndpoint,
      hello: () => this.#hello(),
    })
  }

  #hello(): Hello {
    const { identity, directories } = this.#options
    const ids = directories.all().map(({ directoryId }) => directoryId)
    return brokerHello(identity, this.#standing, ids)
  }

  #newIsrChanges(): IsrChanges {
    const { ports, settings, identity } = this.#options
    return new IsrChanges({
      clock: ports.clock,
      entropy: ports.entropy,
      telemetry: ports.telemetry,
      link: this.#isrLink,
      standing: this.#standing,
      localId: identity.nodeId,
      lagMsMax: settings['replica.lag.time.max.ms'],
      brokers: (id) => this.#factsOf(id),
      settled: (hosted) => {
        this.#announce(hosted)
      },
    })
  }

  #announce(hosted: HostedPartition): void {
    this.#parts.announcer.moved(hosted)
    this.#parts.announcer.flush()
  }

  #wire(): BrokerParts {
    const { ports, settings, identity, directories, metadata: images, quorum } = this.#options
    const background = new Lifecycle(ports.telemetry, this.#options.onFailure)
    const purgatory = new Purgatory({
      clock: ports.clock,
      wheel: this.#wheel,
      countMax: waitingCountMax,
    })
    const sessions = new ReplicaSessions({
      clock: ports.clock,
      wheel: this.#wheel,
      purgatory,
      background,
      find: (key) => this.#hosted.get(key),
      considerIsr: (hosted) => {
        this.#isr.consider(hosted)
      },
      readFailed: (hosted, cause) => {
        storage.readFailed(hosted, cause)
      },
    })
    const announcer = new Announcer({ purgatory, sessions })
    const storage = new StorageFailures({
      telemetry: ports.telemetry,
      purgatory,
      announcer,
      isr: this.#isr,
      damaged: (hosted) => {
        links.refresh(hosted)
      },
      canLead: (id) => id !== identity.nodeId && this.#factsOf(id)?.isActive === true,
    })
    const upkeep = new ProducerUpkeep({
      ...{ ports, background },
      hosted: () => this.#hosted.values(),
      expirationMs: settings['producer.id.expiration.ms'],
      directoryChanged: directories.stateChanged,
    })
    const links: ReplicaLinks = this.#newLinks({ background, storage, purgatory, upkeep })
    const viewer = { nodeId: identity.nodeId, settings }
    const common = { ports, identity, viewer, directories, metadata: images, background, upkeep }
    const replicas = new Replicas({ ...common, announcer, isr: this.#isr, links }, this.#hosted)
    const adminLink = this.#newLink()
    const controllerMoved = quorum.leadershipChanged
    return {
      ...common,
      replicas,
      links,
      moves: this.#newMoves(links),
      sessions,
      purgatory,
      announcer,
      storage,
      repacker: new Repacker(ports),
      times: new TimeLookup(ports),
      standing: this.#standing,
      adminLink,
      producerIds: new ProducerIds({
        clock: ports.clock,
        telemetry: ports.telemetry,
        link: adminLink,
        standing: this.#standing,
        brokerId: identity.nodeId,
        controllerMoved,
      }),
      leadership: () => quorum.leadership(),
      controllerMoved,
    }
  }

  #newMoves(links: ReplicaLinks): LogMoves {
    const { ports, settings, directories, metadata: images, identity } = this.#options
    const { clock, telemetry } = ports
    const viewer = { nodeId: identity.nodeId, settings }
    return new LogMoves({
      ...{ clock, telemetry, directories },
      find: (key) => this.#hosted.get(key),
      bytesPerSecondMax: () =>
        dynamicSetting(images.current(), viewer, 'replica.alter.log.dirs.io.max.bytes.per.second'),
      moved: (hosted) => {
        links.refresh(hosted)
        directories.stateChanged.ring()
      },
    })
  }

  #compactions(): Compactions {
    const { ports } = this.#options
    const { viewer, metadata, replicas } = this.#parts
    const layers = (): MetadataImage => metadata.current()
    return new Compactions({ ports, viewer, layers, hosted: () => replicas.all() })
  }

  #newLinks(
    told: Pick<BrokerParts, 'background' | 'storage' | 'purgatory' | 'upkeep'>,
  ): ReplicaLinks {
    const { ports, settings, identity } = this.#options
    const links = new ReplicaLinks({
      ports,
      background: told.background,
      localId: identity.nodeId,
      standing: this.#standing,
      hello: () => this.#hello(),
      wheel: this.#wheel,
      waitMsMax: settings['replica.fetch.wait.max.ms'],
      bytesMax: settings['replica.fetch.response.max.bytes'],
      endpointOf: (id) => this.#endpointOf(id),
      writeFailed: (hosted, cause) => {
        told.storage.failed(hosted, cause)
      },
      highWatermarkMoved: (hosted) => {
        told.purgatory.moved(hosted)
      },
      producersAreBehind: (hosted) => {
        told.upkeep.load(hosted)
      },
      settled: (hosted) => {
        links.refresh(hosted)
        this.#announce(hosted)
      },
    })
    return links
  }

  #factsOf(id: NodeId): BrokerFacts | undefined {
    const broker = this.#options.metadata.current().brokers.get(id)
    if (broker === undefined) return undefined
    const { epoch, isFenced, inControlledShutdown, directoryIds } = broker
    return { epoch, isActive: !isFenced && !inControlledShutdown, directoryIds }
  }

  #endpointOf(id: NodeId): Endpoint | undefined {
    const { metadata: images, settings } = this.#options
    const listener = settings['inter.broker.listener.name']
    const endpoints = images.current().brokers.get(id)?.endpoints
    return endpoints?.find((endpoint) => endpoint.listener === listener)
  }

  #otherBrokerIds(): readonly NodeId[] {
    const ids = [...this.#options.metadata.current().brokers.keys()]
    return ids.filter((id) => id !== this.#options.identity.nodeId)
  }

  /** Followers that neither fetch nor crash leave the ISR here, and damage that nobody read comes to light. */
  async #checkLag(signal: AbortSignal): Promise<void> {
    const { ports, settings } = this.#options
    while (!signal.aborted) {
      await sleep(ports.clock, settings['replica.lag.time.max.ms'] / 4, signal)
      for (const hosted of this.#hosted.values()) {
        this.#isr.consider(hosted)
        this.#parts.storage.considerDamage(hosted)
      }
    }
  }

  /** Logs that opened unclean are reported at every start until each is a member of its ISR again. */
  async #forgetUnclean(signal: AbortSignal): Promise<void> {
    const { directories } = this.#options
    const { standing, replicas } = this.#parts
    const reports = directories.reports()
    const uncleanLogs = reports.flatMap((report) => report.uncleanLogs)
    const holed = reports.filter(({ mayMissLogs }) => mayMissLogs)
    if (uncleanLogs.length === 0 && holed.length === 0) return
    await standing.changed.until(() => standing.isServing(), { signal })
    const areBack = (): boolean =>
      uncleanLogs.every((log) => replicas.isVouchedFor(log)) &&
      holed.every(({ directoryId }) => replicas.areVouchedFor(directoryId))
    if (await replicas.applied.until(areBack, { signal })) await directories.reportIsTaken()
  }

  /** A directory that takes no writes any more, or takes them again, changes what its replicas fetch. */
  async #followDirectories(signal: AbortSignal): Promise<void> {
    const { stateChanged } = this.#options.directories
    while (!signal.aborted) {
      await stateChanged.wait({ signal })
      for (const hosted of this.#hosted.values()) this.#parts.links.refresh(hosted)
    }
  }

  async #keepUpLogs(signal: AbortSignal): Promise<void> {
    const { replicas, announcer } = this.#parts
    await keepUp(
      {
        ports: this.#options.ports,
        intervalMs: this.#options.settings['log.retention.check.interval.ms'],
        hosted: () => replicas.all(),
        moved: (hosted) => {
          announcer.moved(hosted)
          announcer.flush()
        },
      },
      signal,
    )
  }

  async #removeStrays(signal: AbortSignal): Promise<void> {
    const { standing, replicas } = this.#parts
    await standing.changed.until(() => standing.isServing(), { signal })
    await replicas.removeStrays(this.#options.settings['file.delete.delay.ms'], signal)
  }
}

type Handlers = {
  readonly [A in BrokerApi]: (
    request: Apis[A]['request'],
    context: RequestContext,
  ) => Promise<Outcome<Apis[A]['response']>>
}

function handlersOf(parts: BrokerParts): Handlers {
  return {
    produce: async (request, context) => produce(parts, request, context),
    fetch: async (request, context) => fetch(parts, request, context),
    'list-offsets': async (request, context) => listOffsets(parts, request, context),
    'delete-records': async (request, context) => deleteRecords(parts, request, context),
    'replica-fetch': async (request, context) => replicaFetch(parts, request, context),
    metadata: async (request) => Promise.resolve(metadata(parts, request)),
    'describe-configs': async (request) => Promise.resolve(describeConfigs(parts, request)),
    'describe-log-dirs': async (request) => describeLogDirs(parts, request),
    'alter-replica-log-dirs': async (request) =>
      Promise.resolve(alterReplicaLogDirs(parts, request)),
    'create-topics': async (request, context) => forward(parts, 'create-topics', request, context),
    'delete-topics': async (request, context) => forward(parts, 'delete-topics', request, context),
    'create-partitions': async (request, context) =>
      forward(parts, 'create-partitions', request, context),
    'alter-configs': async (request, context) => forward(parts, 'alter-configs', request, context),
    'elect-leaders': async (request, context) => forward(parts, 'elect-leaders', request, context),
    'describe-quorum': async (request, context) =>
      forward(parts, 'describe-quorum', request, context),
    'init-producer-id': async (request, context) => initProducerId(parts, request, context),
  }
}
