/**
 * Return of leadership to preferred replicas: asked for by a person (`elect-leaders`), or by itself
 * some time after a broker came back. Never moves a leadership to a replica outside the ISR.
 */
import { present } from '../../../base/assert.ts'
import { partitionIndex, type NodeId } from '../../../base/id.ts'
import { type ElectLeadersRequest, type ElectLeadersResponse } from '../../api/cluster-admin.ts'
import { type ErrorCode } from '../../api/error-code.ts'
import { type MetadataImage, type PartitionRegistration } from '../../metadata/image/image.ts'
import { type ClusterView, type Decision, decided, Draft } from '../decision.ts'
import { isEligible, registrationAt, type PartitionPlace } from '../replication/eligibility.ts'
import { partitionsWhere } from '../replication/partitions.ts'
import { planChange } from '../replication/plan-change.ts'
import { type SoftFacts } from '../soft-facts.ts'

type Election = ElectLeadersResponse['partitions'][number]

/** Most leaderships that one automatic step moves, so that a batch stays small. */
const movedCountMax = 1000

/** Elects preferred leaders where asked; without a list, wherever it changes something. */
export function decideElectLeaders(
  view: ClusterView,
  request: ElectLeadersRequest,
): Decision<ElectLeadersResponse> {
  const draft = new Draft(view)
  if (request.partitions === undefined) {
    const away = awayFromPreferred(view.image)
    move(draft, away)
    const partitions = away.map(({ topic, partition }) => ({ topic: topic.name, partition }))
    return decided(draft.records(), { partitions })
  }
  const partitions = request.partitions.map((asked): Election => {
    const id = view.image.topicIds.get(asked.topic)
    const topic = id === undefined ? undefined : draft.view().image.topics.get(id)
    const known = topic?.partitions[asked.partition]
    if (topic === undefined || known === undefined) {
      return failed(asked, 'UNKNOWN_TOPIC_OR_PARTITION', 'There is no such partition.')
    }
    const [preferred] = known.replicas
    if (known.leader === preferred) {
      return failed(asked, 'ELECTION_NOT_NEEDED', 'The preferred replica leads already.')
    }
    if (!canReturn(view.image, known)) {
      const message = `The preferred replica, broker ${preferred ?? ''}, is not in the ISR.`
      return failed(asked, 'PREFERRED_LEADER_NOT_AVAILABLE', message)
    }
    move(draft, [{ topic, partition: partitionIndex(asked.partition) }])
    return { topic: asked.topic, partition: asked.partition }
  })
  return decided(draft.records(), { partitions })
}

function failed(
  asked: Pick<Election, 'topic' | 'partition'>,
  code: ErrorCode,
  message: string,
): Election {
  return { topic: asked.topic, partition: asked.partition, error: { code, message } }
}

/** One automatic step; `movedCount` 0 means that all is where it belongs, as far as it can be. */
export function decideRebalance(
  view: ClusterView,
  facts: Pick<SoftFacts, 'isSettled'>,
): Decision<{ readonly movedCount: number; readonly waitingCount: number }> {
  const away = awayFromPreferred(view.image)
  const counts = preferredCounts(view.image)
  const shareMax = view.viewer.settings['leader.imbalance.per.broker.percentage'] / 100
  const isImbalanced = (id: NodeId): boolean => {
    const awayCount = away.filter((place) => registrationAt(place).replicas[0] === id).length
    return awayCount / (counts.get(id) ?? 1) > shareMax
  }
  const imbalanced = new Set([...counts.keys()].filter(isImbalanced))
  const due = away.filter((place) => imbalanced.has(preferredOf(place)))
  const settled = due.filter((place) => facts.isSettled(preferredOf(place)))
  const moved = settled.slice(0, movedCountMax)
  const draft = new Draft(view)
  move(draft, moved)
  return decided(draft.records(), {
    movedCount: moved.length,
    waitingCount: due.length - moved.length,
  })
}

function preferredOf(place: PartitionPlace): NodeId {
  return present(registrationAt(place).replicas[0], 'a preferred replica')
}

function preferredCounts(image: MetadataImage): ReadonlyMap<NodeId, number> {
  const counts = new Map<NodeId, number>()
  for (const { partitions } of image.topics.values()) {
    for (const { replicas } of partitions) {
      const [preferred] = replicas
      if (preferred !== undefined) counts.set(preferred, (counts.get(preferred) ?? 0) + 1)
    }
  }
  return counts
}

function awayFromPreferred(image: MetadataImage): readonly PartitionPlace[] {
  return partitionsWhere(
    image,
    (partition) => partition.leader !== partition.replicas[0] && canReturn(image, partition),
  )
}

function canReturn(image: MetadataImage, partition: PartitionRegistration): boolean {
  const [preferred] = partition.replicas
  return (
    preferred !== undefined &&
    partition.isr.includes(preferred) &&
    isEligible(image, partition, preferred)
  )
}

function move(draft: Draft, places: readonly PartitionPlace[]): void {
  const view = draft.view()
  const changes = places.map((place) => planChange(view, place, { wantsPreferred: true }))
  draft.add(changes.filter((change) => change !== undefined))
}
