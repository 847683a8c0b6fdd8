/** Publish: single records become one batch a partition, each produced at its leader. */
import { type Outcome, refuse } from '../../../core/api/error-code.ts'
import type { Acks } from '../../../core/api/produce.ts'
import type { RequestContext } from '../../../core/api/request-context.ts'
import { partitionOfKey } from '../../../core/client/murmur2.ts'
import { encodeBatch, type PlainRecord as BatchRecord } from '../../../core/record/batch-writer.ts'
import { epoch, offset, type PartitionIndex, partitionIndex } from '../../../base/id.ts'
import type { PublishRequest__Output } from '../gen/sluice/v1/PublishRequest.ts'
import type { PublishedRecord } from '../gen/sluice/v1/PublishedRecord.ts'
import type { PublishResponse } from '../gen/sluice/v1/PublishResponse.ts'
import type { KnownTopic, Leaders } from './leaders.ts'
import { recordIn } from './plain-records.ts'

const acksOf: Readonly<Record<PublishRequest__Output['acks'], Acks>> = {
  ACKS_ALL: 'all',
  ACKS_NONE: 0,
  ACKS_LEADER: 1,
}

interface Group {
  readonly records: BatchRecord[]
  readonly indexes: number[]
}

/** Appends the records and says where each is. */
export async function publish(
  leaders: Leaders,
  request: PublishRequest__Output,
  context: RequestContext,
): Promise<Outcome<PublishResponse>> {
  if (request.records.length === 0) return refuse('INVALID_REQUEST', 'There is no record.')
  const found = await leaders.topic(request.topic, context)
  if (!found.ok) return found
  const topic = found.value
  const { partition } = request
  if (partition !== undefined && (partition < 0 || partition >= topic.partitionCount)) {
    const sentence = `The topic ${topic.name} has partitions 0 to ${topic.partitionCount - 1}, no ${partition}.`
    return refuse('UNKNOWN_TOPIC_OR_PARTITION', sentence)
  }
  const placed: PublishedRecord[] = []
  const acks = acksOf[request.acks]
  const groups = [...groupsOf(request, topic)]
  const outcomes = await Promise.all(
    groups.map(async ([index, { records, indexes }]) => {
      const batch = encodeBatch({ records, baseOffset: offset(0), leaderEpoch: epoch(0) })
      const entry = { topicId: topic.id, partition: index, records: batch }
      const call = { api: 'produce', request: { acks, partitions: [entry] } } as const
      const outcome = await leaders.ask({ topic, partition: index }, call, context)
      if (!outcome.ok) return outcome
      const base = outcome.value.partitions[0]?.baseOffset ?? 0
      for (const [at, recordIndex] of indexes.entries()) {
        placed[recordIndex] = { partition: index, offset: base + at }
      }
      return undefined
    }),
  )
  const refusal = outcomes.find((outcome) => outcome !== undefined)
  return refusal ?? { ok: true, value: { records: placed } }
}

/** By key as Kafka does, the rest together at one partition chosen at random. */
function groupsOf(request: PublishRequest__Output, topic: KnownTopic): Map<PartitionIndex, Group> {
  const groups = new Map<PartitionIndex, Group>()
  const nowMs = Date.now()
  const anywhere = partitionIndex(Math.floor(Math.random() * topic.partitionCount))
  const fixed = request.partition === undefined ? undefined : partitionIndex(request.partition)
  for (const [index, message] of request.records.entries()) {
    const record = recordIn(message, nowMs)
    const byKey = record.key && partitionOfKey(record.key, topic.partitionCount)
    const partition = fixed ?? byKey ?? anywhere
    const group = groups.get(partition) ?? { records: [], indexes: [] }
    groups.set(partition, group)
    group.records.push(record)
    group.indexes.push(index)
  }
  return groups
}
