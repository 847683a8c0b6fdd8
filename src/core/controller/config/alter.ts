/**
 * Incremental changes of configs, all or nothing per resource. Two keys decide who may lead, so what
 * follows from them for ISR, ELR and leaders is part of the same batch: with a smaller min ISR the
 * high watermark moves on without the ELR, and with unclean election on a leaderless partition gets
 * a leader. Source: Kafka IncrementalAlterConfigs, KIP-966.
 */
import {
  type AlterConfigsRequest,
  type AlterConfigsResponse,
  type ConfigResource,
} from '../../api/cluster-admin.ts'
import { refuse, type Refusal } from '../../api/error-code.ts'
import { brokerResource, clusterResource, topicResource } from '../../config/effective-config.ts'
import { type MetadataImage } from '../../metadata/image/image.ts'
import { type ConfigRecord } from '../../metadata/records/config.ts'
import { nodeId } from '../../../base/id.ts'
import { replan } from '../cluster/departure.ts'
import { type ClusterView, type Decision, decided, Draft } from '../decision.ts'
import { checkConfig, settingOf } from './check.ts'

type ResourceChange = AlterConfigsRequest['resources'][number]
type Altered = AlterConfigsResponse['resources'][number]

const electionKeys: readonly string[] = ['min.insync.replicas', 'unclean.leader.election.enable']

/** Each resource by itself; with `validateOnly` everything is checked and nothing recorded. */
export function decideAlterConfigs(
  view: ClusterView,
  request: AlterConfigsRequest,
): Decision<AlterConfigsResponse> {
  const draft = new Draft(view)
  const resources = request.resources.map((change): Altered => {
    const refusal = alter(draft, change)
    if (refusal === undefined) return { resource: change.resource }
    const { code, message } = refusal
    return { resource: change.resource, error: { code, message } }
  })
  return decided(request.validateOnly ? [] : draft.records(), { resources })
}

function alter(draft: Draft, { resource, changes }: ResourceChange): Refusal | undefined {
  const { image } = draft.view()
  const unknown = refuseResource(image, resource)
  if (unknown !== undefined) return unknown
  const key = resourceKey(resource)
  const present = image.configs.get(key) ?? {}
  const records: ConfigRecord[] = []
  for (const change of changes) {
    const checked =
      change.value === undefined
        ? settingOf(resource, change.key)
        : checkConfig(resource, change.key, change.value)
    if (!checked.ok) return checked
    const value = 'value' in checked ? checked.value : undefined
    if (value === present[change.key]) continue
    records.push({
      type: 'config',
      resource: key,
      key: change.key,
      ...(value !== undefined && { value }),
    })
  }
  draft.add(records)
  if (records.some((record) => electionKeys.includes(record.key))) replanAfter(draft, resource)
  return undefined
}

function refuseResource(image: MetadataImage, { type, name }: ConfigResource): Refusal | undefined {
  if (type === 'topic') {
    if (image.topicIds.has(name)) return undefined
    return refuse('UNKNOWN_TOPIC_OR_PARTITION', `Topic ${name} does not exist.`)
  }
  if (type === 'cluster') {
    return name === ''
      ? undefined
      : refuse('INVALID_REQUEST', 'The cluster is one: its configs take no name.')
  }
  const isId = /^\d{1,10}$/.test(name) && Number(name) <= 0x7fffffff
  if (isId && image.brokers.has(nodeId(Number(name)))) return undefined
  return refuse('BROKER_ID_NOT_REGISTERED', `Broker ${name} is not registered.`)
}

function resourceKey({ type, name }: ConfigResource): string {
  if (type === 'topic') return topicResource(name)
  return type === 'cluster' ? clusterResource : brokerResource(Number(name))
}

function replanAfter(draft: Draft, resource: ConfigResource): void {
  replan(draft, (_, topic) => resource.type !== 'topic' || topic.name === resource.name)
}
