/** A partition with a log of plain numbers, for tests of replication without an engine. */
import {
  brokerEpoch,
  directoryId,
  epoch,
  nodeId,
  offset,
  partitionEpoch,
  partitionIndex,
  topicId,
  type NodeId,
  type Offset,
} from '../../../../src/base/id.ts'
import { type ReplicaPosition } from '../../../../src/core/api/replica-fetch.ts'
import { type PartitionRegistration } from '../../../../src/core/metadata/image/image.ts'
import { EpochHistory } from '../../../../src/core/record/epoch-history.ts'
import { type BrokerFacts } from '../../../../src/core/replica/isr-change.ts'
import { type LogView } from '../../../../src/core/replica/log-view.ts'
import { Partition } from '../../../../src/core/replica/partition.ts'

/** A log without bytes: offsets, what of them is durable, and their epochs. */
export class NumberLog implements LogView {
  #start = 0
  #end = 0
  #durable = 0
  #epochs = new EpochHistory()

  readonly startOffset = (): Offset => offset(this.#start)
  readonly endOffset = (): Offset => offset(this.#end)
  readonly durableOffset = (): Offset => offset(this.#durable)
  readonly epochs = (): EpochHistory => this.#epochs
  readonly lastEpoch = (): ReturnType<EpochHistory['lastEpoch']> => this.#epochs.lastEpoch()

  /** Appends records of an epoch; they are durable after `flush`. */
  append(recordCount: number, inEpoch: number): void {
    this.#epochs.assign(epoch(inEpoch), offset(this.#end))
    this.#end += recordCount
  }

  flush(): void {
    this.#durable = this.#end
  }

  truncateTo(end: number): void {
    this.#end = Math.min(this.#end, Math.max(end, this.#start))
    this.#durable = Math.min(this.#durable, this.#end)
    this.#epochs.truncateTo(offset(this.#end))
  }

  restartAt(start: number): void {
    this.#start = start
    this.#end = start
    this.#durable = start
    this.#epochs = new EpochHistory()
  }
}

/** The directory of every replica here. */
const onlyDirectory = directoryId('D'.repeat(22))

/** A partition's registration; by default replicas and ISR 1, 2, 3, led by 1. */
export function registered(
  given: {
    readonly replicas?: readonly number[]
    readonly isr?: readonly number[]
    readonly leader?: number | 'none'
    readonly leaderEpoch?: number
    readonly partitionEpoch?: number
  } = {},
): PartitionRegistration {
  const replicas = (given.replicas ?? [1, 2, 3]).map(nodeId)
  const leader = given.leader ?? 1
  return {
    replicas,
    directories: replicas.map(() => onlyDirectory),
    isr: (given.isr ?? replicas).map(nodeId),
    elr: [],
    lastKnownElr: [],
    addingReplicas: [],
    removingReplicas: [],
    uncleanElectionCount: 0,
    ...(leader !== 'none' && { leader: nodeId(leader) }),
    leaderEpoch: epoch(given.leaderEpoch ?? 1),
    partitionEpoch: partitionEpoch(given.partitionEpoch ?? 1),
  }
}

/** Broker epoch of a broker's first life: 100 and its id. */
export function firstLife(id: number): ReturnType<typeof brokerEpoch> {
  return brokerEpoch(100 + id)
}

/** A broker in service, by default in its first life. */
export function factsOf(id: number, given: Partial<BrokerFacts> = {}): BrokerFacts {
  return { epoch: firstLife(id), isActive: true, directoryIds: [onlyDirectory], ...given }
}

/** A partition on broker 1 (or another), its log, and the world around it. */
export class Stage {
  readonly log = new NumberLog()
  readonly partition: Partition
  readonly lagMsMax = 10_000
  readonly localId: NodeId
  readonly facts = new Map<NodeId, BrokerFacts>()
  nowMs = 0

  constructor(localId = 1) {
    this.localId = nodeId(localId)
    this.partition = new Partition({ localId: this.localId, log: this.log })
    for (const id of [1, 2, 3]) {
      this.facts.set(nodeId(id), factsOf(id))
    }
  }

  /** An image arrives. */
  image(
    given: Parameters<typeof registered>[0] = {},
    how: { readonly minIsr?: number; readonly mayLead?: boolean } = {},
  ): boolean {
    return this.partition.replay({
      registration: registered(given),
      minIsrCount: how.minIsr ?? 2,
      mayLead: how.mayLead ?? true,
      nowMs: this.nowMs,
    })
  }

  /** The leader appends and its disk has it. */
  append(recordCount: number, how: { readonly isDurable?: boolean } = {}): void {
    const leader = this.leader()
    const endBefore = this.log.endOffset()
    this.log.append(recordCount, leader.registration().leaderEpoch)
    leader.appended(endBefore, this.nowMs)
    if (how.isDurable === false) return
    this.log.flush()
    leader.advance()
  }

  /** A follower's fetch that passed the checks. */
  acknowledge(id: number, durable: number, life = firstLife(id)): boolean {
    return this.leader().followerFetched({
      brokerId: nodeId(id),
      brokerEpoch: life,
      durableOffset: offset(durable),
      logStartOffset: offset(0),
      nowMs: this.nowMs,
    })
  }

  /** The ISR that the leader asks for now. */
  wishes(): readonly number[] | undefined {
    const proposal = this.leader().decideIsr({
      brokers: (id) => this.facts.get(id),
      nowMs: this.nowMs,
      lagMsMax: this.lagMsMax,
    })
    return proposal?.newIsr.map(({ brokerId }) => brokerId)
  }

  leader(): NonNullable<ReturnType<Partition['leader']>> {
    const leader = this.partition.leader()
    if (leader === undefined) throw new Error('it does not lead')
    return leader
  }
}

/** A follower's position; everything at zero unless given. */
export function positionOf(given: {
  readonly leaderEpoch?: number
  readonly fetchOffset?: number
  readonly lastFetchedEpoch?: number
  readonly durableOffset?: number
  readonly highWatermark?: number
  readonly partition?: number
}): ReplicaPosition {
  const { lastFetchedEpoch } = given
  return {
    topicId: topicId('T'.repeat(22)),
    partition: partitionIndex(given.partition ?? 0),
    leaderEpoch: epoch(given.leaderEpoch ?? 1),
    fetchOffset: offset(given.fetchOffset ?? 0),
    ...(lastFetchedEpoch !== undefined && { lastFetchedEpoch: epoch(lastFetchedEpoch) }),
    durableOffset: offset(given.durableOffset ?? 0),
    highWatermark: offset(given.highWatermark ?? 0),
    logStartOffset: offset(0),
  }
}
