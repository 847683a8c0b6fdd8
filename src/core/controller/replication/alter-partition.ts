/**
 * A leader's wish for another ISR. Granted only to the leader of the present epoch that knows the
 * present partition state, and only with members that are active in the very broker epoch whose
 * fetches the leader saw (KIP-497, KIP-841, KIP-903).
 */
import { type NodeId } from '../../../base/id.ts'
import {
  type AlterPartitionRequest,
  type AlterPartitionResponse,
  type PartitionAlteration,
} from '../../api/alter-partition.ts'
import { refuse, type Refusal } from '../../api/error-code.ts'
import { type PartitionRegistration } from '../../metadata/image/image.ts'
import { staleBroker } from '../cluster/heartbeat.ts'
import { type ClusterView, type Decision, decided, Draft } from '../decision.ts'
import { isEligible, type PartitionPlace } from './eligibility.ts'
import { planChange } from './plan-change.ts'

type Altered = AlterPartitionResponse['partitions'][number]

/** Each partition by itself: done, or refused with its present state. */
export function decideAlterPartition(
  view: ClusterView,
  request: AlterPartitionRequest,
): Decision<AlterPartitionResponse> {
  const refusal = staleBroker(view.image.brokers.get(request.brokerId), request)
  if (refusal !== undefined) return refusal
  const draft = new Draft(view)
  const partitions = request.partitions.map((alteration) =>
    alter(draft, request.brokerId, alteration),
  )
  return decided(draft.records(), { partitions })
}

function alter(draft: Draft, from: NodeId, alteration: PartitionAlteration): Altered {
  const topic = draft.view().image.topics.get(alteration.topicId)
  const before = topic?.partitions[alteration.partition]
  if (topic === undefined || before === undefined) {
    const code = topic === undefined ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION'
    return {
      topicId: alteration.topicId,
      partition: alteration.partition,
      error: { code, message: 'The partition does not exist any more.' },
      leaderEpoch: alteration.leaderEpoch,
      isr: [],
      partitionEpoch: alteration.partitionEpoch,
    }
  }
  const place = { topic, partition: alteration.partition }
  const refusal = refusalOf(draft, { place, before, alteration, from })
  if (refusal !== undefined) {
    const { code, message } = refusal
    return answerOf(place, before, { error: { code, message } })
  }
  const change = planChange(
    draft.view(),
    place,
    alteration.resigns
      ? { leaderResigns: true }
      : { newIsr: alteration.newIsr.map(({ brokerId }) => brokerId) },
  )
  if (change !== undefined) draft.add([change])
  const after = draft.view().image.topics.get(topic.id)?.partitions[alteration.partition]
  return answerOf(place, after ?? before, {})
}

function answerOf(
  place: PartitionPlace,
  partition: PartitionRegistration,
  error: Pick<Altered, 'error'>,
): Altered {
  return {
    topicId: place.topic.id,
    partition: place.partition,
    ...error,
    ...(partition.leader !== undefined && { leader: partition.leader }),
    leaderEpoch: partition.leaderEpoch,
    isr: partition.isr,
    partitionEpoch: partition.partitionEpoch,
  }
}

interface Asked {
  readonly place: PartitionPlace
  readonly before: PartitionRegistration
  readonly alteration: PartitionAlteration
  readonly from: NodeId
}

function refusalOf(draft: Draft, asked: Asked): Refusal | undefined {
  return staleLeader(asked) ?? unfitIsr(draft, asked)
}

function staleLeader({ place, before, alteration, from }: Asked): Refusal | undefined {
  const what = `${place.topic.name}-${place.partition}`
  if (alteration.leaderEpoch < before.leaderEpoch) {
    return refuse(
      'FENCED_LEADER_EPOCH',
      `${what} is at leader epoch ${before.leaderEpoch}, the request at ${alteration.leaderEpoch}.`,
    )
  }
  // From a later state than ours: we are not the controller that made it.
  if (
    alteration.leaderEpoch > before.leaderEpoch ||
    alteration.partitionEpoch > before.partitionEpoch
  ) {
    return refuse('NOT_CONTROLLER', `${what} is not yet known at that epoch here.`)
  }
  if (before.leader !== from) {
    return refuse('INVALID_REQUEST', `Broker ${from} does not lead ${what}.`)
  }
  if (alteration.partitionEpoch < before.partitionEpoch) {
    return refuse(
      'INVALID_UPDATE_VERSION',
      `${what} is at partition epoch ${before.partitionEpoch}, the request at ${alteration.partitionEpoch}.`,
    )
  }
  return undefined
}

function unfitIsr(draft: Draft, { place, before, alteration, from }: Asked): Refusal | undefined {
  if (alteration.resigns) return undefined
  const what = `${place.topic.name}-${place.partition}`
  const ids = alteration.newIsr.map(({ brokerId }) => brokerId)
  if (
    !ids.includes(from) ||
    new Set(ids).size < ids.length ||
    !ids.every((id) => before.replicas.includes(id))
  ) {
    return refuse(
      'INVALID_REQUEST',
      `[${ids.join(', ')}] is no ISR for ${what}: its leader and replicas only, each once.`,
    )
  }
  const { image } = draft.view()
  const unfit = alteration.newIsr.find(
    ({ brokerId, brokerEpoch }) =>
      !isEligible(image, before, brokerId) || image.brokers.get(brokerId)?.epoch !== brokerEpoch,
  )
  if (unfit === undefined) return undefined
  return refuse(
    'INELIGIBLE_REPLICA',
    `Broker ${unfit.brokerId} at epoch ${unfit.brokerEpoch} may not join the ISR of ${what}: it is fenced, leaving, or registered anew.`,
  )
}
