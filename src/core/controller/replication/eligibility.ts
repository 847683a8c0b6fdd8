/** Which brokers may be in an ISR or lead. Source: KIP-841, KIP-858. */
import { type NodeId, type PartitionIndex } from '../../../base/id.ts'
import { present } from '../../../base/assert.ts'
import {
  type BrokerRegistration,
  type MetadataImage,
  type PartitionRegistration,
  type TopicImage,
} from '../../metadata/image/image.ts'

/** True for a broker that serves: registered, neither fenced nor on its way out. */
export function isActive(broker: BrokerRegistration | undefined): broker is BrokerRegistration {
  return broker !== undefined && !broker.isFenced && !broker.inControlledShutdown
}

/** True when this replica may be in the ISR: its broker is active and its directory online. */
export function isEligible(
  image: MetadataImage,
  partition: PartitionRegistration,
  replica: NodeId,
): boolean {
  const broker = image.brokers.get(replica)
  if (!isActive(broker)) return false
  const directoryId = partition.directories[partition.replicas.indexOf(replica)]
  return directoryId !== undefined && broker.directoryIds.includes(directoryId)
}

/** One partition of one topic. */
export interface PartitionPlace {
  readonly topic: TopicImage
  readonly partition: PartitionIndex
}

/** The state of the partition at a place. */
export function registrationAt(place: PartitionPlace): PartitionRegistration {
  return present(
    place.topic.partitions[place.partition],
    `partition ${place.partition} of ${place.topic.name}`,
  )
}
