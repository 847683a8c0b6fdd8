/**
 * Registration of a broker incarnation (KIP-631, KIP-858). In one batch: the new registration,
 * fenced; the end of every leadership and ISR membership of the one before (it restarted, so it may
 * have lost what it had not synced); and the removal of logs that cannot be vouched for from ISR and
 * ELR, before anything is unfenced (rule 24 of the storage rules).
 */
import { brokerEpoch, offset, type ClusterId, type DirectoryId } from '../../../base/id.ts'
import {
  type RegisterBrokerRequest,
  type RegisterBrokerResponse,
  type UncleanLog,
} from '../../api/register-broker.ts'
import { refuse, type Refusal } from '../../api/error-code.ts'
import { type BrokerRegistration, type PartitionRegistration } from '../../metadata/image/image.ts'
import { type ClusterView, type Decision, Draft } from '../decision.ts'
import { DirectoryPlacement } from '../placement/directories.ts'
import { registrationAt, type PartitionPlace } from '../replication/eligibility.ts'
import { partitionsWhere } from '../replication/partitions.ts'
import { planChange, type ChangeIntent } from '../replication/plan-change.ts'
import { type SoftFacts } from '../soft-facts.ts'

/** Registers, answers again (a retry), or refuses. The broker epoch is the offset of the record. */
export function decideRegister(
  view: ClusterView,
  request: RegisterBrokerRequest,
  facts: Pick<SoftFacts, 'isAlive'> & { readonly clusterId: ClusterId },
): Decision<RegisterBrokerResponse> {
  const before = view.image.brokers.get(request.brokerId)
  if (before?.incarnationId === request.incarnationId) {
    return { ok: true, records: [], reply: () => ({ brokerEpoch: before.epoch }) }
  }
  const refusal = refusalOf(view, request, facts)
  if (refusal !== undefined) return refusal
  const draft = new Draft(view)
  const directoryIds = request.directories.map(({ directoryId }) => directoryId)
  const uncleanLogs = uncleanLogsOf(view, request)
  draft.add([
    {
      type: 'register-broker',
      brokerId: request.brokerId,
      incarnationId: request.incarnationId,
      endpoints: request.endpoints,
      ...(request.rack !== undefined && { rack: request.rack }),
      features: request.features,
      directoryIds,
      uncleanLogs,
    },
  ])
  endPreviousLife(draft, request, uncleanLogs)
  // The registration is the first record, so its offset is the broker epoch.
  const reply = (baseOffset: number): RegisterBrokerResponse => ({
    brokerEpoch: brokerEpoch(baseOffset),
  })
  return { ok: true, records: draft.records(), reply }
}

function refusalOf(
  view: ClusterView,
  request: RegisterBrokerRequest,
  facts: Pick<SoftFacts, 'isAlive'> & { readonly clusterId: ClusterId },
): Refusal | undefined {
  const who = `Broker ${request.brokerId}`
  if (request.clusterId !== facts.clusterId) {
    return refuse(
      'INCONSISTENT_CLUSTER_ID',
      `${who} belongs to cluster ${request.clusterId}, this is cluster ${facts.clusterId}: check its addresses or format it anew.`,
    )
  }
  if (request.directories.length === 0 || request.endpoints.length === 0) {
    return refuse('INVALID_REQUEST', `${who} registers without a directory or an address.`)
  }
  for (const [name, level] of view.image.features.entries()) {
    // A feature that a broker does not name it has at its first level, as every build does.
    const range = request.features.find((feature) => feature.name === name) ?? { min: 1, max: 1 }
    if (range.min <= level && level <= range.max) continue
    return refuse(
      'UNSUPPORTED_VERSION',
      `${who} does not support ${name} at level ${level}: install a version of Sluice that does.`,
    )
  }
  const before = view.image.brokers.get(request.brokerId)
  if (before !== undefined && facts.isAlive(before.id) && !isSameDisk(before, request)) {
    return refuse(
      'DUPLICATE_BROKER_REGISTRATION',
      `Another process with node.id ${request.brokerId} is running with another directory: give this one an id of its own.`,
    )
  }
  return undefined
}

// A broker whose last directory went offline has none left to compare.
function isSameDisk(before: BrokerRegistration, request: RegisterBrokerRequest): boolean {
  if (before.directoryIds.length === 0) return true
  return request.directories.some(({ directoryId }) => before.directoryIds.includes(directoryId))
}

// What was reported, and of directories in which whole logs may be missing all that live there: a
// log that is gone would else be made anew, empty, and count as a member of its ISR.
function uncleanLogsOf(
  view: ClusterView,
  { brokerId, directories }: RegisterBrokerRequest,
): readonly UncleanLog[] {
  const reported = directories.flatMap((directory) => directory.uncleanLogs)
  const holed = new Set(
    directories.flatMap(({ mayMissLogs, directoryId }) => (mayMissLogs ? [directoryId] : [])),
  )
  if (holed.size === 0) return reported
  const known = new Set(reported.map(nameOf))
  const isThere = (partition: PartitionRegistration): boolean => {
    const at = partition.directories[partition.replicas.indexOf(brokerId)]
    return at !== undefined && holed.has(at)
  }
  const missing = partitionsWhere(view.image, isThere)
    .map(({ topic, partition }) => ({ topicId: topic.id, partition }))
    .filter((place) => !known.has(nameOf(place)))
  return [
    ...reported,
    ...missing.map((place) => ({ ...place, reason: 'corrupt' as const, endOffset: offset(0) })),
  ]
}

function nameOf({ topicId, partition }: Pick<UncleanLog, 'topicId' | 'partition'>): string {
  return `${topicId}/${partition}`
}

function endPreviousLife(
  draft: Draft,
  request: RegisterBrokerRequest,
  uncleanLogs: readonly UncleanLog[],
): void {
  const { brokerId } = request
  const view = draft.view()
  const unclean = new Set(uncleanLogs.map(nameOf))
  const placement = new DirectoryPlacement(view.image)
  const isHere = ({ replicas }: PartitionRegistration): boolean => replicas.includes(brokerId)
  const changes = partitionsWhere(view.image, isHere).map((place) => {
    const directories = movedDirectories(place, request, placement)
    const isUnclean =
      directories !== undefined ||
      unclean.has(nameOf({ topicId: place.topic.id, partition: place.partition }))
    const intent: ChangeIntent = {
      ...(isUnclean && { unclean: brokerId }),
      ...(directories !== undefined && { directories }),
    }
    return planChange(view, place, intent)
  })
  draft.add(changes.filter((change) => change !== undefined))
}

// A replica whose directory is configured no more starts empty in another one: nothing of it is
// left. One that could merely not be opened may come back with its replicas: they wait for it.
function movedDirectories(
  place: PartitionPlace,
  request: RegisterBrokerRequest,
  placement: DirectoryPlacement,
): readonly DirectoryId[] | undefined {
  const { replicas, directories } = registrationAt(place)
  const at = replicas.indexOf(request.brokerId)
  const ids = request.directories.map(({ directoryId }) => directoryId)
  const present = directories[at]
  if (request.hasUnopenedDirectory || present === undefined || ids.includes(present)) {
    return undefined
  }
  const next = placement.takeAmong(ids)
  return next === undefined ? undefined : directories.with(at, next)
}
