/** Creation of topics, all or nothing per topic. Source: Kafka CreateTopics. */
import {
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type NewTopic,
} from '../../api/cluster-admin.ts'
import { refuse, type Refusal } from '../../api/error-code.ts'
import { dynamicSetting, topicResource } from '../../config/effective-config.ts'
import { type ConfigRecord } from '../../metadata/records/config.ts'
import { checkConfig } from '../config/check.ts'
import { type ClusterView, type Decision, decided, Draft } from '../decision.ts'
import { type SoftFacts } from '../soft-facts.ts'
import { DirectoryPlacement } from '../placement/directories.ts'
import { newPartition, planAssignment } from './assignment.ts'
import { refuseName, refusePartitionCount, refuseRequestSize } from './limits.ts'

type Created = CreateTopicsResponse['topics'][number]

/** Each topic by itself; with `validateOnly` everything is checked and nothing recorded. */
export function decideCreateTopics(
  view: ClusterView,
  request: CreateTopicsRequest,
  facts: Pick<SoftFacts, 'newTopicId'>,
): Decision<CreateTopicsResponse> {
  const draft = new Draft(view)
  let addedCount = 0
  const topics = request.topics.map((topic): Created => {
    const outcome = create(draft, topic, { ...facts, addedCount })
    if ('code' in outcome) {
      return { name: topic.name, error: { code: outcome.code, message: outcome.message } }
    }
    addedCount += outcome.partitionCount ?? 0
    return outcome
  })
  return decided(request.validateOnly ? [] : draft.records(), { topics })
}

interface CreateFacts extends Pick<SoftFacts, 'newTopicId'> {
  /** Partitions that the same request has added already. */
  readonly addedCount: number
}

function create(draft: Draft, topic: NewTopic, facts: CreateFacts): Created | Refusal {
  const view = draft.view()
  const { partitionCount, replicationFactor } = sizeOf(view, topic)
  const refusal =
    refuseName(topic.name) ??
    refuseExisting(view, topic.name) ??
    refuseMixture(topic) ??
    refusePartitionCount(partitionCount) ??
    refuseRequestSize(facts.addedCount + partitionCount)
  if (refusal !== undefined) return refusal
  const configs: ConfigRecord[] = []
  for (const [key, text] of Object.entries(topic.configs)) {
    const checked = checkConfig({ type: 'topic', name: topic.name }, key, text)
    if (!checked.ok) return checked
    configs.push({
      type: 'config',
      resource: topicResource(topic.name),
      key,
      value: checked.value,
    })
  }
  const topicId = facts.newTopicId()
  const plan = planAssignment(view.image, {
    topicName: topic.name,
    partitionCount,
    replicationFactor,
    ...(topic.assignments !== undefined && { assignments: topic.assignments }),
    existing: [],
    seed: topicId,
  })
  if (!plan.ok) return plan
  draft.add([{ type: 'topic', name: topic.name, topicId }])
  const directories = new DirectoryPlacement(view.image)
  draft.add(
    plan.replicas.map((replicas, index) =>
      newPartition(view.image, { topicId, index, directories }, replicas),
    ),
  )
  draft.add(configs)
  return { name: topic.name, topicId, partitionCount, replicationFactor }
}

function sizeOf(
  view: ClusterView,
  topic: NewTopic,
): { readonly partitionCount: number; readonly replicationFactor: number } {
  if (topic.assignments !== undefined) {
    return {
      partitionCount: topic.assignments.length,
      replicationFactor: topic.assignments[0]?.length ?? 0,
    }
  }
  const partitionCount =
    topic.partitionCount ?? dynamicSetting(view.image, view.viewer, 'num.partitions')
  const factor =
    topic.replicationFactor ?? dynamicSetting(view.image, view.viewer, 'default.replication.factor')
  const takesDefault = topic.replicationFactor === undefined && factor === -1
  const brokerCount = view.image.brokers.size
  return {
    partitionCount,
    replicationFactor: takesDefault ? Math.max(1, Math.min(3, brokerCount)) : factor,
  }
}

function refuseExisting(view: ClusterView, name: string): Refusal | undefined {
  if (!view.image.topicIds.has(name)) return undefined
  return refuse('TOPIC_ALREADY_EXISTS', `Topic ${name} exists already.`)
}

function refuseMixture(topic: NewTopic): Refusal | undefined {
  if (topic.assignments === undefined) return undefined
  if (topic.partitionCount === undefined && topic.replicationFactor === undefined) return undefined
  return refuse(
    'INVALID_REQUEST',
    `Topic ${topic.name} is given both an assignment and counts: leave one out.`,
  )
}
