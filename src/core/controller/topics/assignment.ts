/** New partitions of a topic: replicas placed by us or given by the caller, checked, as records. */
import { partitionIndex, type NodeId, type TopicId } from '../../../base/id.ts'
import { present } from '../../../base/assert.ts'
import { refuse, type Refusal } from '../../api/error-code.ts'
import { type BrokerRegistration, type MetadataImage } from '../../metadata/image/image.ts'
import { type PartitionRecord } from '../../metadata/records/partition.ts'
import { type DirectoryPlacement } from '../placement/directories.ts'
import { placeReplicas } from '../placement/place.ts'
import { isActive } from '../replication/eligibility.ts'

/** What is wanted for the new partitions of one topic. */
export interface AssignmentWish {
  readonly topicName: string
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly assignments?: readonly (readonly NodeId[])[]
  readonly existing: readonly (readonly NodeId[])[]
  readonly seed: string
}

/** Replicas of each new partition, or why there can be none. */
export type AssignmentPlan =
  { readonly ok: true; readonly replicas: readonly (readonly NodeId[])[] } | Refusal

/** Places the replicas, or checks those that are given. */
export function planAssignment(image: MetadataImage, wish: AssignmentWish): AssignmentPlan {
  return wish.assignments === undefined
    ? placed(image, wish)
    : checked(image, wish, wish.assignments)
}

function placed(image: MetadataImage, wish: AssignmentWish): AssignmentPlan {
  const brokers = [...image.brokers.values()].filter(canStore)
  const { replicationFactor } = wish
  if (
    !Number.isSafeInteger(replicationFactor) ||
    replicationFactor < 1 ||
    replicationFactor > brokers.length
  ) {
    return refuse(
      'INVALID_REPLICATION_FACTOR',
      `Replication factor ${replicationFactor} of topic ${wish.topicName} is not possible: ${counted(brokers.length)} registered.`,
    )
  }
  if (!brokers.some(isActive)) {
    return refuse(
      'INVALID_REPLICATION_FACTOR',
      `No broker is in service for topic ${wish.topicName}: wait for one to be unfenced.`,
    )
  }
  const candidates = brokers
    .map((broker) => ({
      id: broker.id,
      ...(broker.rack !== undefined && { rack: broker.rack }),
      isActive: isActive(broker),
    }))
    .toSorted((left, right) => left.id - right.id)
  return { ok: true, replicas: placeReplicas(candidates, wish) }
}

function counted(brokerCount: number): string {
  return brokerCount === 1 ? '1 broker is' : `${brokerCount} brokers are`
}

function canStore(broker: BrokerRegistration): boolean {
  return broker.directoryIds.length > 0
}

function checked(
  image: MetadataImage,
  wish: AssignmentWish,
  assignments: readonly (readonly NodeId[])[],
): AssignmentPlan {
  const wrong = (why: string): Refusal =>
    refuse('INVALID_REPLICA_ASSIGNMENT', `The assignment of topic ${wish.topicName} ${why}.`)
  if (assignments.length !== wish.partitionCount) {
    return wrong(`names ${assignments.length} partitions where ${wish.partitionCount} are new`)
  }
  for (const [index, replicas] of assignments.entries()) {
    const which = `for its new partition ${index}`
    if (replicas.length !== wish.replicationFactor || replicas.length === 0) {
      return wrong(`names ${replicas.length} replicas ${which}, not ${wish.replicationFactor}`)
    }
    if (new Set(replicas).size < replicas.length) return wrong(`names a broker twice ${which}`)
    const brokers = replicas.map((id) => image.brokers.get(id))
    if (!brokers.every((broker) => broker !== undefined && canStore(broker))) {
      return wrong(`names a broker that is not registered ${which}`)
    }
    if (!brokers.some(isActive)) return wrong(`names no broker that is in service ${which}`)
  }
  return { ok: true, replicas: assignments }
}

/** What a new partition is placed with. */
export interface PlaceFor {
  readonly topicId: TopicId
  readonly index: number
  /** Of the whole decision. */
  readonly directories: DirectoryPlacement
}

/** The record of a new partition: its ISR is whoever is active, its leader the first of them. */
export function newPartition(
  image: MetadataImage,
  place: PlaceFor,
  replicas: readonly NodeId[],
): PartitionRecord {
  const isr = replicas.filter((id) => isActive(image.brokers.get(id)))
  const [leader] = isr
  return {
    type: 'partition',
    topicId: place.topicId,
    partition: partitionIndex(place.index),
    replicas,
    directories: replicas.map((id) =>
      present(place.directories.take(id), `directory of broker ${id}`),
    ),
    isr,
    elr: [],
    lastKnownElr: [],
    addingReplicas: [],
    removingReplicas: [],
    ...(leader !== undefined && { leader }),
  }
}
