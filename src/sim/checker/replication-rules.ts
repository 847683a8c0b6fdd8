/**
 * Partitions under watch, after every event:
 *
 * - P1 the leader is in the ISR; ISR and ELR are replicas, and disjoint; with enough in sync there is
 *   no ELR. P2 nobody fenced or shutting down is in an ISR.
 * - P3 a leader's maximal ISR holds the committed ISR. P4 each member of ISR and ELR durably has
 *   everything below the true high watermark (flush=ack).
 * - P5 partition and leader epochs never go back, and a change of leader raises the leader epoch.
 * - P6 a replica that registers as unclean is in neither ISR nor ELR right after.
 * - P7 a leader's high watermark is at most the smallest durable end of its maximal ISR.
 */
import { type BrokerEpoch, type NodeId } from '../../base/id.ts'
import {
  type BrokerRegistration,
  type MetadataImage,
  type PartitionRegistration,
  type TopicImage,
} from '../../core/metadata/image/image.ts'
import { type Violation } from './history.ts'

/** One replica on one node; of a dead node, as it was last. */
export interface ReplicaView {
  readonly node: number
  readonly topicId: string
  readonly partition: number
  readonly durableOffset: number
  /** While it leads. */
  readonly leader?: {
    readonly epoch: number
    readonly highWatermark: number
    readonly maximalIsr: readonly number[]
  }
}

/** Logs that a broker could not vouch for when it registered with this epoch. */
export interface UncleanRegistration {
  readonly brokerId: NodeId
  readonly brokerEpoch: BrokerEpoch
  readonly partitions: readonly { readonly topicId: string; readonly partition: number }[]
}

/** Watches all partitions. */
export class ReplicationRules {
  readonly #violate: (violation: Violation) => void
  readonly #minIsrOf: (topic: TopicImage) => number
  readonly #highWatermarks = new Map<string, number>()
  readonly #uncleanWaiting: UncleanRegistration[] = []
  #image: MetadataImage | undefined

  constructor(violate: (violation: Violation) => void, minIsrOf: (topic: TopicImage) => number) {
    this.#violate = violate
    this.#minIsrOf = minIsrOf
  }

  /** The greatest high watermark that any leader of a partition has had. */
  highWatermarkOf(topicId: string, partition: number): number {
    return this.#highWatermarks.get(`${topicId}-${partition}`) ?? 0
  }

  /** A broker was registered with unclean logs. */
  registeredUnclean(registration: UncleanRegistration): void {
    this.#uncleanWaiting.push(registration)
  }

  /** Looks at the newest committed image and at every replica, those on dead nodes included. */
  observe(image: MetadataImage, replicas: readonly ReplicaView[]): void {
    if (image !== this.#image) {
      this.#checkImage(image)
      this.#image = image
    }
    const byPlace = new Map(
      replicas.map((view) => [`${view.topicId}-${view.partition}@${view.node}`, view]),
    )
    for (const view of replicas) if (view.leader !== undefined) this.#checkLeader(view, byPlace)
    for (const topic of image.topics.values())
      topic.partitions.forEach((registration, partition) => {
        this.#checkMembers({ topic, registration, partition }, byPlace)
      })
  }

  #checkImage(image: MetadataImage): void {
    for (const topic of image.topics.values())
      topic.partitions.forEach((registration, partition) => {
        this.#checkShape(image, { topic, registration, partition })
        const before = this.#image?.topics.get(topic.id)?.partitions[partition]
        if (before !== undefined)
          this.#checkStep(`${topic.name}-${partition}`, before, registration)
      })
    this.#checkUnclean(image)
  }

  #checkShape(image: MetadataImage, place: Place): void {
    const { registration, topic, partition } = place
    const { isr, elr, replicas, leader } = registration
    const name = `${topic.name}-${partition}`
    if (leader !== undefined && !isr.includes(leader))
      this.#broken('P1', `${name}: leader ${leader} is not in ISR ${isr.join()}`)
    if (![...isr, ...elr].every((id) => replicas.includes(id)))
      this.#broken(
        'P1',
        `${name}: ISR ${isr.join()} or ELR ${elr.join()} beyond ${replicas.join()}`,
      )
    if (isr.some((id) => elr.includes(id)))
      this.#broken('P1', `${name}: ISR ${isr.join()} and ELR ${elr.join()} overlap`)
    if (elr.length > 0 && isr.length >= this.#minIsrOf(topic))
      this.#broken('P1', `${name}: ELR ${elr.join()} beside ISR ${isr.join()}`)
    for (const id of isr) {
      const broker = image.brokers.get(id)
      if (isOut(broker))
        this.#broken('P2', `${name}: broker ${id} is fenced or stopping and in ISR ${isr.join()}`)
    }
  }

  #checkStep(name: string, before: PartitionRegistration, after: PartitionRegistration): void {
    if (after.partitionEpoch < before.partitionEpoch || after.leaderEpoch < before.leaderEpoch)
      this.#broken(
        'P5',
        `${name}: epochs went back to ${after.leaderEpoch}/${after.partitionEpoch}`,
      )
    if (after.leader !== before.leader && after.leaderEpoch === before.leaderEpoch)
      this.#broken('P5', `${name}: leader ${String(after.leader)} has the epoch of the one before`)
    const isChanged = JSON.stringify(after) !== JSON.stringify(before)
    if (isChanged && after.partitionEpoch === before.partitionEpoch)
      this.#broken('P5', `${name}: changed in partition epoch ${after.partitionEpoch}`)
  }

  #checkUnclean(image: MetadataImage): void {
    for (let index = this.#uncleanWaiting.length - 1; index >= 0; index--) {
      const waiting = this.#uncleanWaiting[index]
      if (waiting === undefined) continue
      const broker = image.brokers.get(waiting.brokerId)
      if (broker === undefined || broker.epoch < waiting.brokerEpoch) continue
      this.#uncleanWaiting.splice(index, 1)
      if (broker.epoch > waiting.brokerEpoch) continue
      for (const { topicId, partition } of waiting.partitions)
        this.#checkIsOut(image, { topicId, partition, brokerId: waiting.brokerId })
    }
  }

  #checkIsOut(
    image: MetadataImage,
    place: { readonly topicId: string; readonly partition: number; readonly brokerId: NodeId },
  ): void {
    for (const topic of image.topics.values()) {
      const registration = topic.partitions[place.partition]
      if (topic.id !== place.topicId || registration === undefined) continue
      if ([...registration.isr, ...registration.elr].includes(place.brokerId))
        this.#broken(
          'P6',
          `${topic.name}-${place.partition}: unclean ${place.brokerId} still counts`,
        )
    }
  }

  #checkLeader(view: ReplicaView, byPlace: ReadonlyMap<string, ReplicaView>): void {
    const { leader, topicId, partition } = view
    if (leader === undefined) return
    const key = `${topicId}-${partition}`
    const before = this.#highWatermarks.get(key) ?? 0
    for (const id of leader.maximalIsr) {
      const durable = byPlace.get(`${key}@${id}`)?.durableOffset ?? 0
      if (leader.highWatermark <= durable) continue
      // A member that the quorum has taken out may cut what is damaged before its leader hears of it.
      if (leader.highWatermark <= before && this.#isOut(topicId, partition, id)) continue
      this.#broken(
        'P7',
        `${key}: ${view.node} has high watermark ${leader.highWatermark}, ${id} has ${durable} on disk`,
      )
    }
    if (leader.highWatermark > before) this.#highWatermarks.set(key, leader.highWatermark)
  }

  #isOut(topicId: string, partition: number, id: number): boolean {
    for (const topic of this.#image?.topics.values() ?? []) {
      if (topic.id !== topicId) continue
      const { isr, elr } = topic.partitions[partition] ?? { isr: [], elr: [] }
      return ![...isr, ...elr].some((member) => member === id)
    }
    return false
  }

  #checkMembers(place: Place, byPlace: ReadonlyMap<string, ReplicaView>): void {
    const { topic, registration, partition } = place
    const { isr, elr, leader, leaderEpoch } = registration
    const key = `${topic.id}-${partition}`
    const highWatermark = this.#highWatermarks.get(key) ?? 0
    for (const id of [...isr, ...elr]) {
      const durable = byPlace.get(`${key}@${id}`)?.durableOffset ?? 0
      if (durable < highWatermark)
        this.#broken(
          'P4',
          `${key}: ${id} counts with ${durable} on disk below high watermark ${highWatermark}`,
        )
    }
    const led = leader === undefined ? undefined : byPlace.get(`${key}@${leader}`)?.leader
    if (led?.epoch !== leaderEpoch || isr.length < this.#minIsrOf(topic)) return
    const missing = isr.filter((id) => !led.maximalIsr.includes(id))
    if (missing.length > 0)
      this.#broken('P3', `${key}: leader ${String(leader)} does not count ${missing.join()}`)
  }

  #broken(rule: string, message: string): void {
    this.#violate({ rule, message })
  }
}

interface Place {
  readonly topic: TopicImage
  readonly registration: PartitionRegistration
  readonly partition: number
}

function isOut(broker: BrokerRegistration | undefined): boolean {
  return broker === undefined || broker.isFenced || broker.inControlledShutdown
}
