/**
 * The one place where ISR, ELR and leader of a partition change. Every cause (a fence, a new
 * incarnation, a leader's AlterPartition, a config) states only what it knows; the rest follows from
 * the image here.
 *
 * Invariants of what it returns (P1, P2, P5, P6): the leader is in the ISR; no fenced or
 * shutting-down broker is; ISR and ELR are disjoint; |ISR| >= min ISR means an empty ELR; an unclean
 * replica is in neither; a leader whose epoch must end gets another one, be it the same broker.
 */
import { type DirectoryId, type NodeId } from '../../../base/id.ts'
import { minInsyncReplicas, topicConfig } from '../../config/effective-config.ts'
import { type PartitionRegistration, type UncleanReplica } from '../../metadata/image/image.ts'
import { type PartitionChangeRecord } from '../../metadata/records/partition.ts'
import { type ClusterView } from '../decision.ts'
import { elect, type Elected } from '../election/election.ts'
import { isEligible, registrationAt, type PartitionPlace } from './eligibility.ts'

/** What a cause knows; absent fields mean no wish. */
export interface ChangeIntent {
  /** The ISR that its living leader asks for. */
  readonly newIsr?: readonly NodeId[]
  /** This replica's log cannot be trusted: out of ISR and ELR. */
  readonly unclean?: NodeId
  /** The leader's log failed: another leader, or this one under a higher epoch when nobody else can. */
  readonly leaderResigns?: boolean
  readonly wantsPreferred?: boolean
  readonly directories?: readonly DirectoryId[]
}

/** The record that fulfils the intent, or undefined when nothing is to change. */
export function planChange(
  view: ClusterView,
  place: PartitionPlace,
  intent: ChangeIntent,
): PartitionChangeRecord | undefined {
  const partition = registrationAt(place)
  const resigned = intent.leaderResigns === true ? partition.leader : undefined
  if (resigned !== undefined && isEligible(view.image, partition, resigned)) {
    const without = outcomeOf(view, place, { ...intent, unclean: resigned })
    if (without.elected?.isUnclean === false) return recordOf(place, partition, without, intent)
    // Nobody else can lead without loss: the same broker goes on, above whatever it failed to write.
    const kept = outcomeOf(view, place, intent)
    return { ...recordOf(place, partition, kept, intent), ...placeOf(place), leader: resigned }
  }
  return recordOf(place, partition, outcomeOf(view, place, intent), intent)
}

interface ChangeOutcome {
  readonly isr: readonly NodeId[]
  readonly elr: readonly NodeId[]
  readonly lastKnownElr: readonly NodeId[]
  readonly elected: Elected | undefined
}

function outcomeOf(view: ClusterView, place: PartitionPlace, intent: ChangeIntent): ChangeOutcome {
  const partition = registrationAt(place)
  const { replicas } = partition
  const minIsr = minInsyncReplicas(view.image, {
    name: place.topic.name,
    replicaCount: replicas.length,
  })
  const mayStay = (id: NodeId): boolean =>
    id !== intent.unclean && isEligible(view.image, partition, id)
  const wanted = intent.newIsr ?? partition.isr
  const isr = replicas.filter((id) => wanted.includes(id) && mayStay(id))
  const members = replicas.filter((id) => partition.isr.includes(id) || partition.elr.includes(id))
  const elrOf = (withIsr: readonly NodeId[]): readonly NodeId[] =>
    withIsr.length >= minIsr
      ? []
      : members.filter((id) => id !== intent.unclean && !withIsr.includes(id))
  const elr = elrOf(isr)
  const lost = replicas.filter(
    (id) => partition.lastKnownElr.includes(id) || (id === intent.unclean && members.includes(id)),
  )
  const elected = elect({
    replicas,
    ...(partition.leader !== undefined && { leader: partition.leader }),
    isr,
    elr,
    lastKnownElr: lost,
    wantsPreferred: intent.wantsPreferred === true,
    allowsUnclean: () => allowsUnclean(view, place),
    isEligible: (id) => isEligible(view.image, partition, id),
    uncleanLogOf: (id) => uncleanLogOf(view, place, id),
  })
  const nextIsr =
    elected === undefined || isr.includes(elected.leader)
      ? isr
      : replicas.filter((id) => id === elected.leader || isr.includes(id))
  const nextElr = elected?.isUnclean === true ? [] : elrOf(nextIsr)
  // Only the word of a living leader says that a full ISR really is one: brokers that all lost
  // power come back one by one, and until the last is back the ISR names some that are down.
  const isOver =
    elected?.isUnclean === true || (intent.newIsr !== undefined && nextIsr.length >= minIsr)
  const lastKnownElr = isOver
    ? []
    : lost.filter((id) => !nextIsr.includes(id) && !nextElr.includes(id))
  return { isr: nextIsr, elr: nextElr, lastKnownElr, elected }
}

function allowsUnclean(view: ClusterView, place: PartitionPlace): boolean {
  return topicConfig(view.image, view.viewer, place.topic.name)['unclean.leader.election.enable']
}

function uncleanLogOf(
  view: ClusterView,
  place: PartitionPlace,
  replica: NodeId,
): UncleanReplica | undefined {
  return view.image.brokers
    .get(replica)
    ?.uncleanLogs.find((log) => log.topicId === place.topic.id && log.partition === place.partition)
}

function placeOf(
  place: PartitionPlace,
): Pick<PartitionChangeRecord, 'type' | 'topicId' | 'partition'> {
  return { type: 'partition-change', topicId: place.topic.id, partition: place.partition }
}

function recordOf(
  place: PartitionPlace,
  before: PartitionRegistration,
  outcome: ChangeOutcome,
  intent: ChangeIntent,
): PartitionChangeRecord | undefined {
  const leader = outcome.elected?.leader
  const changes: Partial<PartitionChangeRecord> = {
    ...(!areSame(before.isr, outcome.isr) && { isr: outcome.isr }),
    ...(!areSame(before.elr, outcome.elr) && { elr: outcome.elr }),
    ...(!areSame(before.lastKnownElr, outcome.lastKnownElr) && {
      lastKnownElr: outcome.lastKnownElr,
    }),
    ...(leader !== before.leader && { leader: leader ?? 'none' }),
    ...(outcome.elected?.isUnclean === true && { isUnclean: true }),
    ...(intent.directories !== undefined && { directories: intent.directories }),
  }
  return Object.keys(changes).length === 0 ? undefined : { ...placeOf(place), ...changes }
}

// As sets: the order of an ISR means nothing.
function areSame(left: readonly NodeId[], right: readonly NodeId[]): boolean {
  return left.length === right.length && left.every((id) => right.includes(id))
}
