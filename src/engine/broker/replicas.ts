/**
 * The partitions that this broker hosts. Follows the published images: creates and drops logs, makes
 * each partition leader, follower or idle, and passes on what the image says of topics and brokers.
 *
 * Invariants:
 * - Images are replayed in order, each whole, without waiting for the disk: a log that must be made
 *   first joins when it is there, with the image of that moment.
 * - A log is dropped only because an image says that the topic is gone or the replica lives elsewhere,
 *   never because an image that may be old does not name it.
 */
import {
  partitionIndex,
  type DirectoryId,
  type NodeId,
  type Offset,
  type TopicId,
} from '../../base/id.ts'
import {
  clusterResource,
  brokerResource,
  minInsyncReplicas,
  topicConfig,
  type ConfigViewer,
} from '../../core/config/effective-config.ts'
import { type MovedReplica } from '../../core/api/broker-heartbeat.ts'
import { emptyImage } from '../../core/metadata/image/empty.ts'
import { type MetadataImage, type TopicImage } from '../../core/metadata/image/image.ts'
import { type MetadataDelta } from '../../core/metadata/delta/delta.ts'
import { partitionKey, type PartitionId } from '../../core/replica/fetch-plan.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { type MetadataPublisher } from '../quorum/metadata-publisher.ts'
import { Bell } from '../runtime/bell.ts'
import { sleep } from '../runtime/sleep.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type LogDirectories } from '../storage/log-directories.ts'
import { type PartitionLog } from '../storage/partition-log.ts'
import { type Announcer } from './announcer.ts'
import { type BrokerIdentity } from './broker-identity.ts'
import { HostedPartition, logPolicy } from './hosted-partition.ts'
import { type IsrChanges } from './isr-changes.ts'
import { type ProducerUpkeep } from './producer-upkeep.ts'
import { type ReplicaLinks } from './replica-links.ts'

/** What hosting needs. */
export interface ReplicasParts {
  readonly ports: Pick<Ports, 'clock' | 'telemetry'>
  readonly identity: BrokerIdentity
  readonly viewer: ConfigViewer
  readonly directories: LogDirectories
  readonly metadata: MetadataPublisher
  readonly background: Lifecycle
  readonly announcer: Announcer
  readonly isr: IsrChanges
  readonly links: ReplicaLinks
  readonly upkeep: ProducerUpkeep
}

const movedCountMax = 1000

/** The partitions hosted here. */
export class Replicas {
  readonly #parts: ReplicasParts
  readonly #hosted: Map<string, HostedPartition>
  readonly #opening = new Set<string>()
  /** Rings after each image that was replayed here. */
  readonly applied = new Bell()
  /** The image of the latest replay: logs that open later join with it. */
  #image: MetadataImage = emptyImage

  /** `hosted` is the map that the other parts look partitions up in; only this object writes it. */
  constructor(parts: ReplicasParts, hosted: Map<string, HostedPartition>) {
    this.#parts = parts
    this.#hosted = hosted
  }

  /** The partition, if it is hosted here and its log is open. */
  find(id: PartitionId): HostedPartition | undefined {
    return this.#hosted.get(partitionKey(id))
  }

  /** All of them. */
  all(): Iterable<HostedPartition> {
    return this.#hosted.values()
  }

  /** How many there are, and how many of them are led here. */
  counts(): { readonly replicaCount: number; readonly leaderCount: number } {
    let leaderCount = 0
    for (const hosted of this.#hosted.values()) if (hosted.state.leader()) leaderCount += 1
    return { replicaCount: this.#hosted.size, leaderCount }
  }

  /** How far the metadata log has been applied here. */
  appliedOffset(): Offset {
    return this.#image.offset
  }

  /** Follows the images until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const publication = await this.#parts.metadata.next(this.#image.offset, signal)
      if (publication === undefined) return
      this.#replay(publication.image, publication.delta)
      this.#parts.announcer.flush()
      this.applied.ring()
    }
  }

  /** Replicas that live in another directory than the newest image says. */
  moved(): readonly MovedReplica[] {
    const moved: MovedReplica[] = []
    for (const { topicId, partition, log } of this.#hosted.values()) {
      const { directoryId } = log.home()
      const isKnown = this.#directoryOf(this.#image, { topicId, partition }) === directoryId
      if (!isKnown && moved.length < movedCountMax) moved.push({ topicId, partition, directoryId })
    }
    return moved
  }

  /** True when the metadata holds this broker's replica in the ISR, or wants no replica here any more. */
  isVouchedFor(place: PartitionId): boolean {
    const registration = this.#image.topics.get(place.topicId)?.partitions[place.partition]
    const { nodeId } = this.#parts.identity
    if (registration?.replicas.includes(nodeId) !== true) return true
    return registration.isr.includes(nodeId)
  }

  /** As `isVouchedFor`, of every replica that the metadata puts into a directory of this broker. */
  areVouchedFor(directoryId: DirectoryId): boolean {
    for (const { id: topicId, partitions } of this.#image.topics.values())
      for (const partition of partitions.keys()) {
        const place = { topicId, partition: partitionIndex(partition) }
        const isThere = this.#directoryOf(this.#image, place) === directoryId
        if (isThere && !this.isVouchedFor(place)) return false
      }
    return true
  }

  /** Removes logs that no image names, once the image is this incarnation's and `afterMs` have passed (rule 20). */
  async removeStrays(afterMs: number, signal: AbortSignal): Promise<void> {
    await sleep(this.#parts.ports.clock, afterMs, signal)
    if (signal.aborted) return
    const image = this.#image
    for (const log of this.#parts.directories.logs()) {
      if (this.find(log) !== undefined || this.#opening.has(partitionKey(log))) continue
      if (this.#isReplica(image, log)) continue
      const { topicId, partition } = log
      this.#parts.ports.telemetry.log('warn', 'stray-log-removed', { topicId, partition })
      await this.#dropLog(log)
    }
    const fileCount = await this.#parts.directories.removeStrays()
    if (fileCount > 0) this.#parts.ports.telemetry.log('warn', 'stray-files-removed', { fileCount })
  }

  #replay(image: MetadataImage, delta: MetadataDelta | 'reload'): void {
    this.#image = image
    const topicIds =
      delta === 'reload' ? new Set(image.topics.keys()) : this.#touchedTopics(image, delta)
    for (const topicId of topicIds) {
      const topic = image.topics.get(topicId)
      if (topic !== undefined) this.#replayTopic(image, topic)
    }
    for (const hosted of this.#hosted.values()) {
      const isGone = delta === 'reload' ? !image.topics.has(hosted.topicId) : delta.topicIdsRemoved.has(hosted.topicId) // prettier-ignore
      if (isGone || (topicIds.has(hosted.topicId) && !this.#isReplica(image, hosted))) {
        this.#drop(hosted)
      }
    }
    const brokerIds = delta === 'reload' ? [...image.brokers.keys()] : [...delta.brokersChanged]
    if (brokerIds.length > 0) this.#replayBrokers(image, brokerIds)
  }

  /** Topics whose partitions, configs, or whose hold on this incarnation may have changed. */
  #touchedTopics(image: MetadataImage, delta: MetadataDelta): ReadonlySet<TopicId> {
    const { nodeId } = this.#parts.identity
    const concernsAll =
      delta.brokersChanged.has(nodeId) ||
      delta.configsChanged.has(clusterResource) ||
      delta.configsChanged.has(brokerResource(nodeId))
    if (concernsAll) return new Set(image.topics.keys())
    const touched = new Set(delta.topicIdsChanged)
    for (const resource of delta.configsChanged) {
      const slash = resource.indexOf('/')
      const topicId = image.topicIds.get(resource.slice(slash + 1))
      if (resource.startsWith('topic/') && topicId !== undefined) touched.add(topicId)
    }
    return touched
  }

  #replayTopic(image: MetadataImage, topic: TopicImage): void {
    const { nodeId } = this.#parts.identity
    topic.partitions.forEach((registration, index) => {
      if (!registration.replicas.includes(nodeId)) return
      const id = { topicId: topic.id, partition: partitionIndex(index) }
      const hosted = this.find(id)
      if (hosted === undefined) this.#open(topic.name, id)
      else this.#replayPartition(image, topic, hosted)
    })
  }

  #replayPartition(image: MetadataImage, topic: TopicImage, hosted: HostedPartition): void {
    const registration = topic.partitions[hosted.partition]
    if (registration === undefined) return
    const { viewer, identity, ports, announcer, links, background } = this.#parts
    if (hosted.configure(topicConfig(image, viewer, topic.name)))
      background.spawn('configure-log', async () => hosted.log.configure(hosted.policy()))
    const replicaCount = registration.replicas.length
    const changed = hosted.replay({
      registration,
      minIsrCount: minInsyncReplicas(image, { name: topic.name, replicaCount }),
      mayLead: image.brokers.get(identity.nodeId)?.incarnationId === identity.incarnationId,
      nowMs: ports.clock.nowMs(),
    })
    links.assign(hosted)
    announcer.moved(hosted)
    if (changed) this.#logRole(hosted)
  }

  #replayBrokers(image: MetadataImage, brokerIds: readonly NodeId[]): void {
    const nowMs = this.#parts.ports.clock.nowMs()
    for (const hosted of this.#hosted.values()) {
      const leader = hosted.state.leader()
      if (leader === undefined) continue
      for (const id of brokerIds) {
        const broker = image.brokers.get(id)
        if (broker !== undefined) leader.brokerRegistered(id, broker.epoch, nowMs)
      }
      this.#parts.isr.consider(hosted)
    }
    for (const id of brokerIds) this.#parts.links.leaderMoved(id)
  }

  #open(topicName: string, id: PartitionId): void {
    const key = partitionKey(id)
    const { directories } = this.#parts
    const found = directories.find(id.topicId, id.partition)
    // Its directory is not open: what another one holds may be what a move left behind.
    const home = this.#directoryOf(this.#image, id)
    const isElsewhere = directories.unopened.length > 0 && directories.withId(home) === undefined
    if (found !== undefined && isElsewhere) return
    if (found !== undefined) {
      this.#host(topicName, found)
      return
    }
    if (this.#opening.has(key)) return
    this.#opening.add(key)
    this.#parts.background.spawn('open-log', async (signal) => {
      try {
        const log = await this.#create(topicName, id, signal)
        if (log !== undefined) await this.#opened(topicName, log)
      } finally {
        this.#opening.delete(key)
      }
    })
  }

  /** The log, made as soon as the directory that the image names can be written to; none when it is not open here. */
  async #create(
    topicName: string,
    id: PartitionId,
    signal: AbortSignal,
  ): Promise<PartitionLog | undefined> {
    const { directories, viewer, ports } = this.#parts
    while (!signal.aborted && this.#isReplica(this.#image, id)) {
      const config = topicConfig(this.#image, viewer, topicName)
      const home = directories.withId(this.#directoryOf(this.#image, id))
      if (home === undefined || home.state() === 'offline') return undefined
      try {
        return await home.createLog({
          ...{ topicId: id.topicId, partition: id.partition },
          policy: logPolicy(config),
        })
      } catch (cause) {
        if (!(cause instanceof StorageFault)) throw cause
        ports.telemetry.log('error', 'log-not-created', { topic: topicName, ...id, cause })
        await directories.stateChanged.wait({ signal, timeout: { clock: ports.clock, ms: 1000 } })
      }
    }
    return undefined
  }

  async #opened(topicName: string, log: PartitionLog): Promise<void> {
    if (this.#isReplica(this.#image, log)) this.#host(topicName, log)
    else await this.#dropLog(log)
  }

  #host(topicName: string, log: PartitionLog): void {
    const image = this.#image
    const topic = image.topics.get(log.topicId)
    if (topic === undefined) return
    const { viewer, identity } = this.#parts
    const config = topicConfig(image, viewer, topicName)
    const { clock } = this.#parts.ports
    const hosted = new HostedPartition({
      localId: identity.nodeId,
      topicName,
      log,
      config,
      clock,
    })
    this.#parts.upkeep.load(hosted)
    this.#hosted.set(hosted.key, hosted)
    this.#replayPartition(image, topic, hosted)
    this.#parts.announcer.flush()
  }

  #drop(hosted: HostedPartition): void {
    this.#hosted.delete(hosted.key)
    hosted.drop()
    this.#parts.links.remove(hosted)
    this.#parts.announcer.moved(hosted)
    this.#parts.background.spawn('drop-log', async () => this.#dropLog(hosted.log))
  }

  async #dropLog(log: PartitionLog): Promise<void> {
    const { topicId, partition } = log
    try {
      await this.#parts.directories.dropLog(topicId, partition)
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      // It stays as a stray, which the next start of this node removes.
      this.#parts.ports.telemetry.log('warn', 'log-not-dropped', { topicId, partition, cause })
    }
  }

  #isReplica(image: MetadataImage, id: PartitionId): boolean {
    const registration = image.topics.get(id.topicId)?.partitions[id.partition]
    return registration?.replicas.includes(this.#parts.identity.nodeId) === true
  }

  /** Where the controller wants this broker's replica. */
  #directoryOf(image: MetadataImage, id: PartitionId): DirectoryId | undefined {
    const registration = image.topics.get(id.topicId)?.partitions[id.partition]
    const at = registration?.replicas.indexOf(this.#parts.identity.nodeId) ?? -1
    return registration?.directories[at]
  }

  #logRole(hosted: HostedPartition): void {
    const registration = hosted.state.registration()
    this.#parts.ports.telemetry.log('debug', 'partition-role', {
      topic: hosted.topicName,
      partition: hosted.partition,
      isLeader: hosted.state.leader() !== undefined,
      leader: registration?.leader,
      leaderEpoch: registration?.leaderEpoch,
    })
  }
}
