/**
 * A controller without a quorum: what is decided is replayed at once, as if it were committed. Ids
 * are made from small numbers, so that conversations read well.
 */
import {
  topicId,
  directoryId,
  clusterId,
  epoch,
  incarnationId,
  nodeId,
  partitionIndex,
  brokerEpoch,
  offset,
  type NodeId,
  type Offset,
} from '../../../src/base/id.ts'
import { type MovedReplica } from '../../../src/core/api/broker-heartbeat.ts'
import { type UncleanLog } from '../../../src/core/api/register-broker.ts'
import { type Apis } from '../../../src/core/api/apis.ts'
import { type Outcome } from '../../../src/core/api/error-code.ts'
import { settings, type Settings } from '../../../src/core/config/settings.ts'
import { Controller, type ControllerApi } from '../../../src/core/controller/controller.ts'
import { type Decision } from '../../../src/core/controller/decision.ts'
import { emptyImage } from '../../../src/core/metadata/image/empty.ts'
import {
  type MetadataImage,
  type PartitionRegistration,
} from '../../../src/core/metadata/image/image.ts'
import { type MetadataRecord } from '../../../src/core/metadata/records/record.ts'
import { supportedFeatures } from '../../../src/core/metadata/features.ts'

/** The default of every setting, with some changed. */
export function settingsWith(changes: Partial<Settings> = {}): Settings {
  const defaults = Object.entries(settings).map(([key, setting]) => [key, setting.default])
  return { ...(Object.fromEntries(defaults) as Settings), ...changes }
}

/** An id that ends in the given text. */
export function idOf(text: string): string {
  return `${'A'.repeat(21 - text.length)}${text}A`
}

/** How a broker is to be registered. */
export interface Registration {
  readonly incarnation?: string
  readonly directories?: readonly string[]
  readonly hasUnopenedDirectory?: boolean
  readonly rack?: string
  readonly uncleanLogs?: readonly UncleanLog[]
  readonly mayMissLogs?: boolean
}

/** Decides and replays. */
export class Clerk {
  readonly alive = new Set<NodeId>()
  readonly unsettled = new Set<NodeId>()
  readonly #controller: Controller
  readonly #incarnations = new Map<number, number>()
  #records: readonly MetadataRecord[] = []
  #topicCount = 0

  constructor(changes: Partial<Settings> = {}) {
    this.#controller = new Controller({
      image: emptyImage,
      viewer: { nodeId: 1, settings: settingsWith(changes) },
      facts: {
        clusterId: clusterId(idOf('cluster')),
        isAlive: (id) => this.alive.has(id),
        appliedOffsetOf: () => this.image().offset,
        isSettled: (id) => !this.unsettled.has(id),
        newTopicId: () => topicId(idOf(`topic${++this.#topicCount}`)),
      },
    })
    this.perform(this.#controller.decideBootstrap())
  }

  /** Everything so far. */
  image(): MetadataImage {
    return this.#controller.image()
  }

  /** Of the latest decision. */
  records(): readonly MetadataRecord[] {
    return this.#records
  }

  /** Replays a decision; its answer. */
  perform<T>(decision: Decision<T>): Outcome<T> {
    this.#records = []
    if (!decision.ok) return decision
    const at = this.image().offset
    this.#records = decision.records
    this.#controller.replay(decision.records, { offset: at, epoch: epoch(1) })
    return { ok: true, value: decision.reply(at) }
  }

  /** Decides and replays a request. */
  ask<A extends ControllerApi>(api: A, request: Apis[A]['request']): Outcome<Apis[A]['response']> {
    return this.perform(this.#controller.decide(api, request))
  }

  /** Registers a new incarnation of a broker. */
  register(id: number, options: Registration = {}): Outcome<{ readonly brokerEpoch: number }> {
    const count = (this.#incarnations.get(id) ?? 0) + 1
    this.#incarnations.set(id, count)
    return this.ask('register-broker', {
      brokerId: nodeId(id),
      clusterId: clusterId(idOf('cluster')),
      incarnationId: incarnationId(idOf(options.incarnation ?? `life${id}x${count}`)),
      endpoints: [{ listener: 'CLIENT', host: 'localhost', port: 7000 + id }],
      ...(options.rack !== undefined && { rack: options.rack }),
      features: supportedFeatures,
      directories: (options.directories ?? [`dir${id}`]).map((name, index) => {
        const uncleanLogs = index === 0 ? (options.uncleanLogs ?? []) : []
        const wasClean = uncleanLogs.length === 0
        const mayMissLogs = options.mayMissLogs ?? false
        return { directoryId: directoryId(idOf(name)), wasClean, uncleanLogs, mayMissLogs }
      }),
      hasUnopenedDirectory: options.hasUnopenedDirectory ?? false,
    })
  }

  /** A heartbeat of the present registration, caught up unless told otherwise. */
  heartbeat(
    id: number,
    wish: {
      readonly fence?: boolean
      readonly shutdown?: boolean
      readonly applied?: Offset
      readonly offline?: readonly string[]
      readonly moved?: readonly MovedReplica[]
    } = {},
  ): Outcome<Apis['broker-heartbeat']['response']> {
    return this.ask('broker-heartbeat', {
      brokerId: nodeId(id),
      brokerEpoch: this.image().brokers.get(nodeId(id))?.epoch ?? brokerEpoch(0),
      metadataOffset: wish.applied ?? this.image().offset,
      wantsFence: wish.fence === true,
      wantsShutdown: wish.shutdown === true,
      waitMsMax: 0,
      offlineDirectoryIds: (wish.offline ?? []).map((name) => directoryId(idOf(name))),
      movedReplicas: wish.moved ?? [],
    })
  }

  /** Registers and unfences brokers. */
  bringUp(...ids: readonly number[]): void {
    for (const id of ids) {
      this.register(id)
      this.heartbeat(id)
      this.alive.add(nodeId(id))
    }
  }

  /** Fences a broker for silence. */
  fence(id: number): Outcome<{ readonly isFenced: boolean }> {
    const broker = this.image().brokers.get(nodeId(id))
    this.alive.delete(nodeId(id))
    const silent = { brokerId: nodeId(id), brokerEpoch: broker?.epoch ?? brokerEpoch(0) }
    return this.perform(this.#controller.decideFence(silent))
  }

  /** Returns leaderships. */
  rebalance(): Outcome<{ readonly movedCount: number; readonly waitingCount: number }> {
    return this.perform(this.#controller.decideRebalance())
  }

  /** Creates a topic. */
  create(
    name: string,
    options: {
      readonly partitions?: number
      readonly replication?: number
      readonly assignments?: readonly (readonly number[])[]
      readonly configs?: Readonly<Record<string, string>>
    } = {},
  ): Outcome<Apis['create-topics']['response']> {
    const { partitions, replication, assignments, configs } = options
    return this.ask('create-topics', {
      validateOnly: false,
      topics: [
        {
          name,
          ...(partitions !== undefined && { partitionCount: partitions }),
          ...(replication !== undefined && { replicationFactor: replication }),
          ...(assignments !== undefined && {
            assignments: assignments.map((ids) => ids.map(nodeId)),
          }),
          configs: configs ?? {},
        },
      ],
    })
  }

  /** The leader of a partition asks for an ISR, or resigns. */
  alter(
    topic: string,
    partition: number,
    wish: { readonly isr?: readonly number[]; readonly resigns?: boolean },
  ): Outcome<Apis['alter-partition']['response']> {
    const present = this.partition(topic, partition)
    const leader = present.leader ?? nodeId(0)
    const epochOf = (id: NodeId): Offset => offset(this.image().brokers.get(id)?.epoch ?? 0)
    return this.ask('alter-partition', {
      brokerId: leader,
      brokerEpoch: brokerEpoch(epochOf(leader)),
      partitions: [
        {
          topicId: this.image().topicIds.get(topic) ?? topicId(idOf('none')),
          partition: partitionIndex(partition),
          leaderEpoch: present.leaderEpoch,
          partitionEpoch: present.partitionEpoch,
          newIsr: (wish.isr ?? []).map((id) => ({
            brokerId: nodeId(id),
            brokerEpoch: brokerEpoch(epochOf(nodeId(id))),
          })),
          resigns: wish.resigns === true,
        },
      ],
    })
  }

  /** Sets or unsets one key. */
  configure(
    resource: Apis['alter-configs']['request']['resources'][number]['resource'],
    key: string,
    value?: string,
  ): Outcome<Apis['alter-configs']['response']> {
    return this.ask('alter-configs', {
      validateOnly: false,
      resources: [{ resource, changes: [{ key, ...(value !== undefined && { value }) }] }],
    })
  }

  /** A partition as the image has it. */
  partition(topic: string, partition: number): PartitionRegistration {
    const id = this.image().topicIds.get(topic)
    const found = id === undefined ? undefined : this.image().topics.get(id)?.partitions[partition]
    if (found === undefined) throw new Error(`no partition ${topic}-${partition}`)
    return found
  }
}
