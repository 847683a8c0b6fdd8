/** Deletion of topics and addition of partitions. Source: Kafka DeleteTopics, CreatePartitions. */
import {
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
} from '../../api/cluster-admin.ts'
import { refuse, type Refusal } from '../../api/error-code.ts'
import { type TopicImage } from '../../metadata/image/image.ts'
import { type ClusterView, type Decision, decided, Draft } from '../decision.ts'
import { DirectoryPlacement } from '../placement/directories.ts'
import { newPartition, planAssignment } from './assignment.ts'
import { refusePartitionCount, refuseRequestSize } from './limits.ts'

type Growth = CreatePartitionsRequest['topics'][number]
type Grown = CreatePartitionsResponse['topics'][number]

/** Removes topics by name, each by itself. */
export function decideDeleteTopics(
  view: ClusterView,
  request: DeleteTopicsRequest,
): Decision<DeleteTopicsResponse> {
  const draft = new Draft(view)
  const topics = request.names.map((name) => {
    const topic = topicNamed(draft, name)
    if ('code' in topic) return { name, error: { code: topic.code, message: topic.message } }
    draft.add([{ type: 'remove-topic', topicId: topic.id }])
    return { name }
  })
  return decided(draft.records(), { topics })
}

/** Adds partitions, each topic by itself; existing ones stay as they are. */
export function decideCreatePartitions(
  view: ClusterView,
  request: CreatePartitionsRequest,
): Decision<CreatePartitionsResponse> {
  const draft = new Draft(view)
  let addedCount = 0
  const topics = request.topics.map((growth): Grown => {
    const topic = topicNamed(draft, growth.name)
    const outcome = 'code' in topic ? topic : grow(draft, topic, { growth, addedCount })
    if (typeof outcome === 'number') {
      addedCount += outcome
      return { name: growth.name }
    }
    return { name: growth.name, error: { code: outcome.code, message: outcome.message } }
  })
  return decided(request.validateOnly ? [] : draft.records(), { topics })
}

function topicNamed(draft: Draft, name: string): TopicImage | Refusal {
  const { image } = draft.view()
  const id = image.topicIds.get(name)
  const topic = id === undefined ? undefined : image.topics.get(id)
  return topic ?? refuse('UNKNOWN_TOPIC_OR_PARTITION', `Topic ${name} does not exist.`)
}

// How many partitions were added.
function grow(
  draft: Draft,
  topic: TopicImage,
  { growth, addedCount }: { readonly growth: Growth; readonly addedCount: number },
): number | Refusal {
  const presentCount = topic.partitions.length
  const newCount = growth.partitionCount - presentCount
  const refusal = refusePartitionCount(growth.partitionCount)
  if (refusal !== undefined) return refusal
  if (newCount < 1) {
    return refuse(
      'INVALID_PARTITIONS',
      `Topic ${topic.name} has ${presentCount} partitions: it can only get more, not ${growth.partitionCount}.`,
    )
  }
  const tooMany = refuseRequestSize(addedCount + newCount)
  if (tooMany !== undefined) return tooMany
  const { image } = draft.view()
  const plan = planAssignment(image, {
    topicName: topic.name,
    partitionCount: newCount,
    replicationFactor: topic.partitions[0]?.replicas.length ?? 1,
    ...(growth.assignments !== undefined && { assignments: growth.assignments }),
    existing: topic.partitions.map(({ replicas }) => replicas),
    seed: topic.id,
  })
  if (!plan.ok) return plan
  const directories = new DirectoryPlacement(image)
  draft.add(
    plan.replicas.map((replicas, index) =>
      newPartition(
        image,
        { topicId: topic.id, index: presentCount + index, directories },
        replicas,
      ),
    ),
  )
  return newCount
}
