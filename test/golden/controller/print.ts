/** Records and partitions as lines of a conversation. */
import {
  type MetadataImage,
  type PartitionRegistration,
} from '../../../src/core/metadata/image/image.ts'
import { type MetadataRecord } from '../../../src/core/metadata/records/record.ts'

/** A partition as `leader 1 epoch 2 isr 1,2 elr 3`. */
export function printPartition(partition: PartitionRegistration): string {
  const { leader, leaderEpoch, partitionEpoch, replicas, isr, elr, lastKnownElr } = partition
  const words = [
    `leader ${leader ?? 'none'} epoch ${leaderEpoch}/${partitionEpoch}`,
    `replicas ${list(replicas)}`,
    `isr ${list(isr)}`,
    `elr ${list(elr)}`,
    ...(lastKnownElr.length === 0 ? [] : [`last known ${list(lastKnownElr)}`]),
    ...(partition.uncleanElectionCount === 0 ? [] : [`unclean ${partition.uncleanElectionCount}`]),
  ]
  return words.join(' | ')
}

/** A record in one line. */
export function printRecord(image: MetadataImage, record: MetadataRecord): string {
  const nameOf = (id: string): string => {
    for (const topic of image.topics.values()) if (topic.id === id) return topic.name
    return 'removed'
  }
  switch (record.type) {
    case 'register-broker':
      return `register-broker ${record.brokerId}`
    case 'broker-registration-change': {
      const { isFenced, inControlledShutdown, directoryIds } = record
      return words(`broker-registration-change ${record.brokerId}`, {
        fenced: isFenced,
        shutdown: inControlledShutdown,
        directories: directoryIds?.length,
      })
    }
    case 'partition':
      return words(`partition ${nameOf(record.topicId)}-${record.partition}`, {
        replicas: list(record.replicas),
        isr: list(record.isr),
        leader: record.leader ?? 'none',
      })
    case 'partition-change':
      return words(`partition-change ${nameOf(record.topicId)}-${record.partition}`, {
        isr: record.isr && list(record.isr),
        elr: record.elr && list(record.elr),
        lastKnown: record.lastKnownElr && list(record.lastKnownElr),
        leader: record.leader,
        directories: record.directories && 'changed',
        unclean: record.isUnclean,
      })
    case 'topic':
      return `topic ${record.name}`
    case 'config':
      return `config ${record.resource} ${record.key}=${record.value ?? '(unset)'}`
    default:
      return record.type
  }
}

function words(head: string, fields: Readonly<Record<string, unknown>>): string {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return [head, ...present.map(([key, value]) => `${key}=${String(value)}`)].join(' ')
}

function list(ids: readonly number[]): string {
  return ids.length === 0 ? '-' : ids.join(',')
}
