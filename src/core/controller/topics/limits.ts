/** What a topic may be called and how large it may be. */
import { refuse, type Refusal } from '../../api/error-code.ts'

/** Most partitions of a topic. */
const topicPartitionCountMax = 100_000

/** Most new partitions of one request: they become one batch of the metadata log, of about a megabyte. */
const requestPartitionCountMax = 10_000

const namePattern = /^[A-Za-z0-9._-]{1,249}$/
const reservedNames: readonly string[] = ['.', '..', '__cluster_metadata']

/** Why the name is no topic name; undefined when it is one. */
export function refuseName(name: string): Refusal | undefined {
  if (namePattern.test(name) && !reservedNames.includes(name)) return undefined
  return refuse(
    'INVALID_TOPIC_EXCEPTION',
    `${JSON.stringify(name.slice(0, 300))} is no topic name: 1 to 249 of the characters A-Z, a-z, 0-9, ".", "_" and "-", other than ${reservedNames.map((word) => `"${word}"`).join(', ')}.`,
  )
}

/** Why a topic may not have that many partitions; undefined when it may. */
export function refusePartitionCount(count: number): Refusal | undefined {
  if (Number.isSafeInteger(count) && count >= 1 && count <= topicPartitionCountMax) return undefined
  return refuse(
    'INVALID_PARTITIONS',
    `${count} is no partition count: a topic has 1 to ${topicPartitionCountMax} partitions.`,
  )
}

/** Why one request may not add that many partitions; undefined when it may. */
export function refuseRequestSize(addedCount: number): Refusal | undefined {
  if (addedCount <= requestPartitionCountMax) return undefined
  return refuse(
    'INVALID_PARTITIONS',
    `${addedCount} new partitions are too many for one request: add at most ${requestPartitionCountMax} at a time.`,
  )
}
