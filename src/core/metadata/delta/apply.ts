/**
 * Applies records to an image: the only way a new image comes about, on the active controller's
 * overlay as on every node that replays the committed log. The same records on the same image give
 * the same next image everywhere (R12); epochs and broker epochs follow from the position of a
 * record, not from a clock or a decision.
 *
 * Invariants, asserted here: a record names only what exists; partitions of a topic are dense; the
 * leader is in the ISR; ISR and ELR are disjoint and among the replicas.
 */
import { assert, present, unreachable } from '../../../base/assert.ts'
import {
  brokerEpoch,
  epoch as epochOf,
  offset as offsetOf,
  partitionEpoch,
  type Epoch,
  type NodeId,
  type Offset,
  type TopicId,
} from '../../../base/id.ts'
import {
  type BrokerRegistration,
  type MetadataImage,
  type PartitionRegistration,
} from '../image/image.ts'
import {
  type BrokerRegistrationChangeRecord,
  type RegisterBrokerRecord,
} from '../records/broker.ts'
import { type ConfigRecord } from '../records/config.ts'
import { type PartitionChangeRecord, type PartitionRecord } from '../records/partition.ts'
import { type ProducerIdsRecord } from '../records/producer-ids.ts'
import { type MetadataRecord } from '../records/record.ts'
import { type TopicRecord } from '../records/topic.ts'
import { type MetadataDelta } from './delta.ts'

/** Where in the log a run of records stands. */
export interface LogPosition {
  /** Of the first record. */
  readonly offset: Offset
  /** Quorum epoch of the batch. */
  readonly epoch: Epoch
}

/**
 * The image after `records`, and what they changed. Records that are no metadata (control records)
 * move the position only: no records, with `offset` behind them.
 */
export function applyRecords(
  image: MetadataImage,
  records: readonly MetadataRecord[],
  at: LogPosition,
): { readonly image: MetadataImage; readonly delta: MetadataDelta } {
  assert(at.offset >= image.offset, `records at ${at.offset} behind an image at ${image.offset}`)
  const draft = new Draft(image)
  records.forEach((record, index) => {
    draft.apply(record, offsetOf(at.offset + index))
  })
  return draft.finish({ offset: offsetOf(at.offset + records.length), epoch: at.epoch })
}

class Draft {
  #image: MetadataImage
  // Partitions of the topics that change, copied once however many records change them.
  readonly #partitions = new Map<TopicId, PartitionRegistration[]>()
  readonly #topicIdsRemoved = new Set<TopicId>()
  readonly #brokersChanged = new Set<NodeId>()
  readonly #configsChanged = new Set<string>()
  readonly #featuresChanged = new Set<string>()

  constructor(image: MetadataImage) {
    this.#image = image
  }

  apply(record: MetadataRecord, at: Offset): void {
    switch (record.type) {
      case 'register-broker':
        this.#setBroker(registrationOf(record, at))
        return
      case 'broker-registration-change':
        this.#changeBroker(record, at)
        return
      case 'topic':
        this.#addTopic(record)
        return
      case 'partition':
        this.#addPartition(record)
        return
      case 'partition-change':
        this.#changePartition(record)
        return
      case 'remove-topic':
        this.#removeTopic(record.topicId)
        return
      case 'config':
        this.#setConfig(record)
        return
      case 'feature-level':
        this.#featuresChanged.add(record.name)
        this.#image = {
          ...this.#image,
          features: this.#image.features.set(record.name, record.level),
        }
        return
      case 'producer-ids':
        this.#takeProducerIds(record)
        return
      case 'no-op':
        return
      default:
        unreachable(record)
    }
  }

  finish(end: LogPosition): { readonly image: MetadataImage; readonly delta: MetadataDelta } {
    let { topics } = this.#image
    for (const [id, partitions] of this.#partitions) {
      topics = topics.set(id, { ...present(topics.get(id), `topic ${id}`), partitions })
    }
    return {
      image: { ...this.#image, topics, offset: end.offset, epoch: end.epoch },
      delta: {
        topicIdsChanged: new Set(this.#partitions.keys()),
        topicIdsRemoved: this.#topicIdsRemoved,
        brokersChanged: this.#brokersChanged,
        configsChanged: this.#configsChanged,
        featuresChanged: this.#featuresChanged,
      },
    }
  }

  #setBroker(broker: BrokerRegistration): void {
    this.#brokersChanged.add(broker.id)
    this.#image = { ...this.#image, brokers: this.#image.brokers.set(broker.id, broker) }
  }

  #changeBroker(record: BrokerRegistrationChangeRecord, at: Offset): void {
    const broker = present(this.#image.brokers.get(record.brokerId), `broker ${record.brokerId}`)
    assert(
      broker.epoch === record.brokerEpoch,
      `a change of broker ${broker.id} epoch ${record.brokerEpoch}, which is at ${broker.epoch}`,
    )
    this.#setBroker({
      ...broker,
      isFenced: record.isFenced ?? broker.isFenced,
      inControlledShutdown: record.inControlledShutdown ?? broker.inControlledShutdown,
      directoryIds: record.directoryIds ?? broker.directoryIds,
      changeOffset: at,
    })
  }

  #addTopic(record: TopicRecord): void {
    const { topics, topicIds } = this.#image
    assert(!topicIds.has(record.name), `topic ${record.name} is there already`)
    assert(!topics.has(record.topicId), `topic id ${record.topicId} is there already`)
    this.#image = {
      ...this.#image,
      topics: topics.set(record.topicId, { id: record.topicId, name: record.name, partitions: [] }),
      topicIds: topicIds.set(record.name, record.topicId),
    }
    this.#partitions.set(record.topicId, [])
  }

  #removeTopic(id: TopicId): void {
    const topic = present(this.#image.topics.get(id), `topic ${id}`)
    const resource = `topic/${topic.name}`
    if (this.#image.configs.has(resource)) this.#configsChanged.add(resource)
    this.#image = {
      ...this.#image,
      topics: this.#image.topics.delete(id),
      topicIds: this.#image.topicIds.delete(topic.name),
      configs: this.#image.configs.delete(resource),
    }
    this.#partitions.delete(id)
    this.#topicIdsRemoved.add(id)
  }

  #addPartition(record: PartitionRecord): void {
    const partitions = this.#draftOf(record.topicId)
    assert(
      partitions.length === record.partition,
      `partition ${record.partition} of ${record.topicId}, which has ${partitions.length}`,
    )
    const { leader } = record
    const added: PartitionRegistration = {
      replicas: record.replicas,
      directories: record.directories,
      isr: record.isr,
      elr: record.elr,
      lastKnownElr: record.lastKnownElr,
      addingReplicas: record.addingReplicas,
      removingReplicas: record.removingReplicas,
      ...(leader !== undefined && { leader }),
      leaderEpoch: epochOf(0),
      partitionEpoch: partitionEpoch(0),
      uncleanElectionCount: 0,
    }
    assertSound(added)
    partitions.push(added)
  }

  #changePartition(record: PartitionChangeRecord): void {
    const partitions = this.#draftOf(record.topicId)
    const name = `partition ${record.partition} of ${record.topicId}`
    const changed = changedPartition(present(partitions[record.partition], name), record)
    assertSound(changed)
    partitions[record.partition] = changed
    for (const id of record.isr ?? []) this.#trustAgain(id, record)
  }

  // A replica in the ISR has caught up: what its broker said of that log when it registered is over.
  #trustAgain(id: NodeId, record: PartitionChangeRecord): void {
    const broker = this.#image.brokers.get(id)
    if (broker === undefined || broker.uncleanLogs.length === 0) return
    const uncleanLogs = broker.uncleanLogs.filter(
      (log) => log.topicId !== record.topicId || log.partition !== record.partition,
    )
    if (uncleanLogs.length < broker.uncleanLogs.length) this.#setBroker({ ...broker, uncleanLogs })
  }

  #draftOf(id: TopicId): PartitionRegistration[] {
    const open = this.#partitions.get(id)
    if (open !== undefined) return open
    const copy = [...present(this.#image.topics.get(id), `topic ${id}`).partitions]
    this.#partitions.set(id, copy)
    return copy
  }

  #takeProducerIds({ nextProducerId }: ProducerIdsRecord): void {
    const before = this.#image.nextProducerId
    assert(nextProducerId >= before, `producer ids go back from ${before} to ${nextProducerId}`)
    this.#image = { ...this.#image, nextProducerId }
  }

  #setConfig(record: ConfigRecord): void {
    const { configs } = this.#image
    const next = changedConfig(configs.get(record.resource) ?? {}, record)
    this.#configsChanged.add(record.resource)
    this.#image = {
      ...this.#image,
      configs:
        Object.keys(next).length === 0
          ? configs.delete(record.resource)
          : configs.set(record.resource, next),
    }
  }
}

function registrationOf(record: RegisterBrokerRecord, at: Offset): BrokerRegistration {
  const { rack } = record
  return {
    id: record.brokerId,
    epoch: brokerEpoch(at),
    incarnationId: record.incarnationId,
    endpoints: record.endpoints,
    ...(rack !== undefined && { rack }),
    directoryIds: record.directoryIds,
    features: record.features,
    uncleanLogs: record.uncleanLogs,
    isFenced: true,
    inControlledShutdown: false,
    changeOffset: at,
  }
}

function changedPartition(
  partition: PartitionRegistration,
  record: PartitionChangeRecord,
): PartitionRegistration {
  const { leader: before, ...rest } = partition
  const leader = record.leader === undefined ? before : record.leader
  return {
    ...rest,
    replicas: record.replicas ?? partition.replicas,
    directories: record.directories ?? partition.directories,
    isr: record.isr ?? partition.isr,
    elr: record.elr ?? partition.elr,
    lastKnownElr: record.lastKnownElr ?? partition.lastKnownElr,
    addingReplicas: record.addingReplicas ?? partition.addingReplicas,
    removingReplicas: record.removingReplicas ?? partition.removingReplicas,
    ...(leader !== undefined && leader !== 'none' && { leader }),
    leaderEpoch: record.leader === undefined ? rest.leaderEpoch : epochOf(rest.leaderEpoch + 1),
    partitionEpoch: partitionEpoch(partition.partitionEpoch + 1),
    uncleanElectionCount: partition.uncleanElectionCount + (record.isUnclean === true ? 1 : 0),
  }
}

function assertSound(partition: PartitionRegistration): void {
  const { replicas, directories, isr, elr, leader } = partition
  assert(replicas.length > 0, 'a partition without replicas')
  assert(directories.length === replicas.length, 'one directory a replica')
  assert(leader === undefined || isr.includes(leader), 'a leader outside the ISR')
  assert(
    isr.every((id) => replicas.includes(id)),
    'an ISR member that is no replica',
  )
  assert(
    elr.every((id) => replicas.includes(id)),
    'an ELR member that is no replica',
  )
  assert(!elr.some((id) => isr.includes(id)), 'an ELR member in the ISR')
}

// Sorted, so that equal configs are equal texts in whichever order their keys came.
function changedConfig(
  config: Readonly<Record<string, string>>,
  record: ConfigRecord,
): Readonly<Record<string, string>> {
  const others = Object.entries(config).filter(([key]) => key !== record.key)
  if (record.value !== undefined) others.push([record.key, record.value])
  return Object.fromEntries(others.toSorted(([left], [right]) => (left < right ? -1 : 1)))
}
