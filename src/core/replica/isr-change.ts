/**
 * Which ISR a leader should ask the controller for. Pure functions over what the leader knows of
 * each follower; `leader.ts` keeps that knowledge and remembers what it asked for.
 */
import { type BrokerEpoch, type DirectoryId, type NodeId, type Offset } from '../../base/id.ts'

/** What a leader knows of one follower in this leader epoch. */
export interface FollowerProgress {
  /** Broker epoch of the fetches that said so; a newer one starts afresh (rule 23). */
  readonly brokerEpoch: BrokerEpoch | undefined
  /** What the follower would still have after a crash; absent until it said so in this epoch. */
  readonly durableOffset: Offset | undefined
  /** Where its log starts; 0 until it said so in this epoch. */
  readonly logStartOffset: Offset
  /** When it last had all that the leader had. */
  readonly caughtUpAtMs: number
  /** When it last fetched, and what the leader's end was then. */
  readonly fetchedAtMs: number
  readonly endAtFetch: Offset
  /** Its process is gone by the evidence of refused connections. */
  readonly isSuspect: boolean
}

/** What the metadata image says of a broker. */
export interface BrokerFacts {
  readonly epoch: BrokerEpoch
  /** Neither fenced nor in controlled shutdown (KIP-841). */
  readonly isActive: boolean
  /** Its directories that are online. */
  readonly directoryIds: readonly DirectoryId[]
}

/** What a proposal is decided from. */
export interface IsrSituation {
  readonly localId: NodeId
  readonly replicas: readonly NodeId[]
  /** Directory of each replica, same order. */
  readonly directories: readonly DirectoryId[]
  readonly isr: readonly NodeId[]
  readonly followers: ReadonlyMap<NodeId, FollowerProgress>
  readonly brokers: (id: NodeId) => BrokerFacts | undefined
  readonly highWatermark: Offset
  readonly epochStartOffset: Offset
  readonly endOffset: Offset
  readonly nowMs: number
  readonly lagMsMax: number
}

/** The ISR to ask for, or undefined when the present one is right. */
export function planIsr(situation: IsrSituation): readonly NodeId[] | undefined {
  const kept = situation.isr.filter(
    (id) => id === situation.localId || !mustLeave(situation.followers.get(id), situation),
  )
  const joining = situation.replicas.filter(
    (id) => !situation.isr.includes(id) && id !== situation.localId && mayJoin(id, situation),
  )
  if (kept.length === situation.isr.length && joining.length === 0) return undefined
  return [...kept, ...joining]
}

function mustLeave(follower: FollowerProgress | undefined, situation: IsrSituation): boolean {
  if (follower === undefined) return false
  if (follower.isSuspect) return true
  // A member had all of this once: its disk has lost it, and says so.
  if ((follower.durableOffset ?? Infinity) < situation.highWatermark) return true
  const hasAll =
    follower.durableOffset !== undefined && follower.durableOffset >= situation.endOffset
  return !hasAll && situation.nowMs - follower.caughtUpAtMs > situation.lagMsMax
}

/** Its durable end reaches the high watermark and the start of the leader's epoch, and the controller will take it. */
function mayJoin(id: NodeId, situation: IsrSituation): boolean {
  const follower = situation.followers.get(id)
  if (follower?.durableOffset === undefined || mustLeave(follower, situation)) return false
  return (
    follower.durableOffset >= situation.highWatermark &&
    follower.durableOffset >= situation.epochStartOffset &&
    isEligible(id, follower, situation)
  )
}

/** In the very life whose fetches were seen, and with the replica's directory online (the controller's own rule). */
function isEligible(id: NodeId, follower: FollowerProgress, situation: IsrSituation): boolean {
  const broker = situation.brokers(id)
  const directoryId = situation.directories[situation.replicas.indexOf(id)]
  return (
    broker !== undefined &&
    broker.isActive &&
    broker.epoch === follower.brokerEpoch &&
    directoryId !== undefined &&
    broker.directoryIds.includes(directoryId)
  )
}
