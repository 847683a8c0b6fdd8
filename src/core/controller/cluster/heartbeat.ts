/**
 * What a heartbeat leads to: unfencing when the broker has applied all that the log says of it, fencing when
 * it asks for it, the steps of a controlled shutdown, directories that went offline. Most heartbeats
 * lead to nothing. Source: KIP-631.
 */
import { type NodeId } from '../../../base/id.ts'
import {
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
} from '../../api/broker-heartbeat.ts'
import { refuse, type Refusal } from '../../api/error-code.ts'
import { type BrokerRegistration, type MetadataImage } from '../../metadata/image/image.ts'
import { type ClusterView, type Decision, decided, Draft } from '../decision.ts'
import { isActive } from '../replication/eligibility.ts'
import { partitionsWhere } from '../replication/partitions.ts'
import { type SoftFacts } from '../soft-facts.ts'
import { fence, fillVacancies, leaveIsrs } from './departure.ts'

/** Records of the step that is due, if any, and the broker's state after it. */
export function decideHeartbeat(
  view: ClusterView,
  request: BrokerHeartbeatRequest,
  facts: Pick<SoftFacts, 'appliedOffsetOf'>,
): Decision<BrokerHeartbeatResponse> {
  const broker = view.image.brokers.get(request.brokerId)
  const refusal = staleBroker(broker, request)
  if (broker === undefined || refusal !== undefined) {
    return refusal ?? refuse('BROKER_ID_NOT_REGISTERED', 'No such broker.')
  }
  const draft = new Draft(view)
  const isCaughtUp = request.metadataOffset > broker.changeOffset
  noteMovedReplicas(draft, broker, request)
  noteOfflineDirectories(draft, broker, request)
  const mayShutdown = request.wantsShutdown && stepShutdown(draft, broker, facts)
  if (!request.wantsShutdown) stepFence(draft, broker, { ...request, isCaughtUp })
  const after = draft.view().image.brokers.get(broker.id) ?? broker
  return decided(draft.records(), { isCaughtUp, isFenced: after.isFenced, mayShutdown })
}

/** Why a request of this broker id and epoch is not served; undefined when it is. */
export function staleBroker(
  broker: BrokerRegistration | undefined,
  request: Pick<BrokerHeartbeatRequest, 'brokerId' | 'brokerEpoch'>,
): Refusal | undefined {
  if (broker === undefined) {
    return refuse('BROKER_ID_NOT_REGISTERED', `Broker ${request.brokerId} is not registered.`)
  }
  if (broker.epoch === request.brokerEpoch) return undefined
  return refuse(
    'STALE_BROKER_EPOCH',
    `Broker ${request.brokerId} is registered with epoch ${broker.epoch}, not ${request.brokerEpoch}.`,
  )
}

/** Where a replica lives decides what a failing directory takes with it; one that lives offline leaves the ISR. */
function noteMovedReplicas(
  draft: Draft,
  broker: BrokerRegistration,
  { movedReplicas }: BrokerHeartbeatRequest,
): void {
  for (const { topicId, partition, directoryId } of movedReplicas) {
    const registration = draft.view().image.topics.get(topicId)?.partitions[partition]
    const at = registration?.replicas.indexOf(broker.id) ?? -1
    if (registration === undefined || at < 0 || registration.directories[at] === directoryId)
      continue
    const directories = registration.directories.with(at, directoryId)
    draft.add([{ type: 'partition-change', topicId, partition, directories }])
  }
  if (movedReplicas.length > 0) leaveIsrs(draft, broker)
}

function noteOfflineDirectories(
  draft: Draft,
  broker: BrokerRegistration,
  request: BrokerHeartbeatRequest,
): void {
  const online = broker.directoryIds.filter((id) => !request.offlineDirectoryIds.includes(id))
  if (online.length === broker.directoryIds.length) return
  draft.add([
    {
      type: 'broker-registration-change',
      brokerId: broker.id,
      brokerEpoch: broker.epoch,
      directoryIds: online,
    },
  ])
  leaveIsrs(draft, broker)
}

function stepFence(
  draft: Draft,
  broker: BrokerRegistration,
  wish: { readonly wantsFence: boolean; readonly isCaughtUp: boolean },
): void {
  if (wish.wantsFence) {
    if (!broker.isFenced) fence(draft, broker)
    return
  }
  if (!broker.isFenced || !wish.isCaughtUp) return
  draft.add([
    {
      type: 'broker-registration-change',
      brokerId: broker.id,
      brokerEpoch: broker.epoch,
      isFenced: false,
    },
  ])
  fillVacancies(draft, broker)
}

/**
 * First its leaderships move away; then, when every other active broker has applied that, it is
 * fenced and may stop. True at the last step.
 */
function stepShutdown(
  draft: Draft,
  broker: BrokerRegistration,
  facts: Pick<SoftFacts, 'appliedOffsetOf'>,
): boolean {
  if (broker.isFenced) return true
  if (!broker.inControlledShutdown) {
    draft.add([
      {
        type: 'broker-registration-change',
        brokerId: broker.id,
        brokerEpoch: broker.epoch,
        inControlledShutdown: true,
      },
    ])
    leaveIsrs(draft, broker)
    return false
  }
  const { image } = draft.view()
  if (!haveOthersApplied(image, broker, facts)) return false
  fence(draft, broker)
  return true
}

function haveOthersApplied(
  image: MetadataImage,
  broker: BrokerRegistration,
  facts: Pick<SoftFacts, 'appliedOffsetOf'>,
): boolean {
  const hasApplied = (id: NodeId): boolean => (facts.appliedOffsetOf(id) ?? 0) > broker.changeOffset
  for (const other of image.brokers.values()) {
    if (other.id !== broker.id && isActive(other) && !hasApplied(other.id)) return false
  }
  return partitionsWhere(image, ({ leader }) => leader === broker.id).length === 0
}
