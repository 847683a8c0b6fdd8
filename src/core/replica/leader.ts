/**
 * One partition as its leader sees it, for one leader epoch: what each follower durably has, the
 * ISR that is committed and the one that was asked for, and the high watermark. `partition.ts` makes
 * one when this broker becomes the leader and drops it with the epoch.
 *
 * Invariants:
 * - The high watermark never decreases, and never passes the durable end of any member of the
 *   maximal ISR, the leader's own included.
 * - It stands still while the committed ISR has fewer members than `min.insync.replicas`.
 * - Only a durable offset acknowledges, only from the newest broker epoch seen of that follower.
 * - While a change of the ISR is asked for, the maximal ISR holds both the old and the new members.
 */
import { assert } from '../../base/assert.ts'
import {
  offset,
  type BrokerEpoch,
  type Epoch,
  type NodeId,
  type Offset,
  type PartitionEpoch,
} from '../../base/id.ts'
import { type PartitionRegistration } from '../metadata/image/image.ts'
import { planIsr, type BrokerFacts, type FollowerProgress } from './isr-change.ts'
import { type LogView } from './log-view.ts'

/** How a leader starts. */
export interface LeaderStart {
  readonly localId: NodeId
  readonly log: LogView
  readonly registration: PartitionRegistration
  readonly minIsrCount: number
  /** What this replica knew before. */
  readonly highWatermark: Offset
  readonly nowMs: number
}

/** A follower's acknowledgement, from a fetch that passed the checks of `fetch-check.ts`. */
export interface FollowerFetch {
  readonly brokerId: NodeId
  readonly brokerEpoch: BrokerEpoch
  readonly durableOffset: Offset
  readonly logStartOffset: Offset
  readonly nowMs: number
}

/** An ISR to ask the controller for; it names the state that it changes. */
export interface IsrProposal {
  readonly leaderEpoch: Epoch
  readonly partitionEpoch: PartitionEpoch
  readonly newIsr: readonly { readonly brokerId: NodeId; readonly brokerEpoch: BrokerEpoch }[]
}

/** What the image and the settings say when an ISR is decided. */
export interface IsrInputs {
  readonly brokers: (id: NodeId) => BrokerFacts | undefined
  readonly nowMs: number
  readonly lagMsMax: number
}

/** A leader's state in one leader epoch. */
export class Leader {
  readonly #localId: NodeId
  readonly #log: LogView
  readonly #followers = new Map<NodeId, FollowerProgress>()
  readonly epochStartOffset: Offset
  #registration: PartitionRegistration
  #minIsrCount: number
  #highWatermark: Offset
  #proposal: IsrProposal | undefined

  constructor(start: LeaderStart) {
    this.#localId = start.localId
    this.#log = start.log
    this.#registration = start.registration
    this.#minIsrCount = start.minIsrCount
    this.#highWatermark = start.highWatermark
    this.epochStartOffset = start.log.endOffset()
    for (const id of start.registration.replicas) this.#meet(id, start.nowMs)
    this.advance()
  }

  /** Everything below is on every member of the maximal ISR and may be read. */
  highWatermark(): Offset {
    return this.#highWatermark
  }

  /** No member of the maximal ISR has anything below it (KIP-107). */
  lowWatermark(): Offset {
    let low = this.#log.startOffset()
    for (const id of this.maximalIsr()) {
      const start = this.#followers.get(id)?.logStartOffset
      if (start !== undefined && start < low) low = start
    }
    return low
  }

  /** The committed state that this leader acts under. */
  registration(): PartitionRegistration {
    return this.#registration
  }

  /** Members of the committed ISR and of the one that was asked for. */
  maximalIsr(): readonly NodeId[] {
    const asked = this.#proposal?.newIsr.map((member) => member.brokerId) ?? []
    return [...new Set([...this.#registration.isr, ...asked])]
  }

  /** Whether an acks=all produce may be appended now. */
  hasEnoughInSync(): boolean {
    return this.#registration.isr.length >= this.#minIsrCount
  }

  /** What is known of a follower. */
  follower(id: NodeId): FollowerProgress | undefined {
    return this.#followers.get(id)
  }

  /** Adopts a newer committed state of the same leader epoch; whatever was asked for is settled by it. */
  replay(registration: PartitionRegistration, minIsrCount: number, nowMs: number): void {
    assert(registration.leaderEpoch === this.#registration.leaderEpoch, 'another leader epoch')
    if (registration.partitionEpoch > this.#registration.partitionEpoch) this.#proposal = undefined
    this.#registration = registration
    this.#minIsrCount = minIsrCount
    for (const id of registration.replicas) this.#meet(id, nowMs)
    for (const id of this.#followers.keys()) {
      if (!registration.replicas.includes(id)) this.#followers.delete(id)
    }
    this.advance()
  }

  /** A newer registration of a broker: what its earlier life said counts no more (rule 23). */
  brokerRegistered(id: NodeId, brokerEpoch: BrokerEpoch, nowMs: number): void {
    const follower = this.#followers.get(id)
    if (follower?.brokerEpoch === undefined || follower.brokerEpoch >= brokerEpoch) return
    this.#followers.set(id, this.#fresh(nowMs, brokerEpoch))
  }

  /** True when the fetch comes from an older life of the follower than one already seen. */
  isStale(id: NodeId, brokerEpoch: BrokerEpoch): boolean {
    const known = this.#followers.get(id)?.brokerEpoch
    return known !== undefined && brokerEpoch < known
  }

  /** Takes a follower's acknowledgement; true when the high or the low watermark moved. */
  followerFetched(fetch: FollowerFetch): boolean {
    const before = this.#followers.get(fetch.brokerId)
    assert(before !== undefined, 'a fetch of a broker that is no replica was not refused')
    assert(!this.isStale(fetch.brokerId, fetch.brokerEpoch), 'a stale fetch was not refused')
    const lowBefore = this.lowWatermark()
    const isSameLife = before.brokerEpoch === fetch.brokerEpoch
    const known = isSameLife ? before : this.#fresh(fetch.nowMs, fetch.brokerEpoch)
    const end = this.#log.endOffset()
    let caughtUpAtMs = known.caughtUpAtMs
    if (fetch.durableOffset >= end) caughtUpAtMs = fetch.nowMs
    else if (fetch.durableOffset >= known.endAtFetch) caughtUpAtMs = known.fetchedAtMs
    this.#followers.set(fetch.brokerId, {
      brokerEpoch: fetch.brokerEpoch,
      durableOffset: fetch.durableOffset,
      logStartOffset: fetch.logStartOffset,
      caughtUpAtMs: Math.max(caughtUpAtMs, known.caughtUpAtMs),
      fetchedAtMs: fetch.nowMs,
      endAtFetch: end,
      isSuspect: false,
    })
    return this.advance() || this.lowWatermark() > lowBefore
  }

  /** The leader appended: followers that had everything up to then were caught up until now. */
  appended(endBefore: Offset, nowMs: number): void {
    for (const [id, follower] of this.#followers) {
      if (follower.durableOffset === undefined || follower.durableOffset < endBefore) continue
      this.#followers.set(id, { ...follower, caughtUpAtMs: nowMs })
    }
  }

  /** Evidence that the process of this broker epoch is gone; true when that is news here. */
  suspect(id: NodeId): boolean {
    const follower = this.#followers.get(id)
    if (follower === undefined || follower.isSuspect) return false
    this.#followers.set(id, { ...follower, isSuspect: true })
    return true
  }

  /** Raises the high watermark as far as the maximal ISR allows; true when it moved. */
  advance(): boolean {
    if (!this.hasEnoughInSync()) return false
    let durable = this.#log.durableOffset()
    for (const id of this.maximalIsr()) {
      if (id === this.#localId) continue
      const acknowledged = this.#followers.get(id)?.durableOffset
      if (acknowledged === undefined) return false
      if (acknowledged < durable) durable = acknowledged
    }
    if (durable <= this.#highWatermark) return false
    this.#highWatermark = durable
    return true
  }

  /** The change of the ISR to ask for now; remembered until it is settled. Undefined: none, or one is under way. */
  decideIsr(inputs: IsrInputs): IsrProposal | undefined {
    if (this.#proposal !== undefined) return undefined
    const isr = planIsr({
      localId: this.#localId,
      replicas: this.#registration.replicas,
      directories: this.#registration.directories,
      isr: this.#registration.isr,
      followers: this.#followers,
      highWatermark: this.#highWatermark,
      epochStartOffset: this.epochStartOffset,
      endOffset: this.#log.endOffset(),
      ...inputs,
    })
    if (isr === undefined) return undefined
    const newIsr = []
    for (const brokerId of isr) {
      const brokerEpoch = this.#epochOf(brokerId, inputs)
      if (brokerEpoch === undefined) return undefined
      newIsr.push({ brokerId, brokerEpoch })
    }
    const { leaderEpoch, partitionEpoch } = this.#registration
    this.#proposal = { leaderEpoch, partitionEpoch, newIsr }
    return this.#proposal
  }

  /** What was asked for and is not settled yet. */
  proposal(): IsrProposal | undefined {
    return this.#proposal
  }

  /** The controller certainly did not and will not do what was asked for: only the committed ISR counts again. */
  proposalRefused(proposal: IsrProposal): boolean {
    if (this.#proposal !== proposal) return false
    this.#proposal = undefined
    return this.advance()
  }

  #epochOf(id: NodeId, inputs: IsrInputs): BrokerEpoch | undefined {
    return this.#followers.get(id)?.brokerEpoch ?? inputs.brokers(id)?.epoch
  }

  #meet(id: NodeId, nowMs: number): void {
    if (id === this.#localId || this.#followers.has(id)) return
    this.#followers.set(id, this.#fresh(nowMs, undefined))
  }

  #fresh(nowMs: number, brokerEpoch: BrokerEpoch | undefined): FollowerProgress {
    return {
      brokerEpoch,
      durableOffset: undefined,
      logStartOffset: offset(0),
      caughtUpAtMs: nowMs,
      fetchedAtMs: nowMs,
      endAtFetch: this.#log.endOffset(),
      isSuspect: false,
    }
  }
}
