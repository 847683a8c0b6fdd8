/**
 * Three replicas of one partition and a controller of a few lines, without an engine: every step is a
 * call, so that golden conversations and random walks can put them in any order. Records are numbers
 * that are never used twice, so that a lost or replaced one is seen.
 */
import {
  brokerEpoch,
  epoch,
  nodeId,
  offset,
  partitionEpoch,
  type Offset,
} from '../../../../src/base/id.ts'
import { type ReplicaPosition } from '../../../../src/core/api/replica-fetch.ts'
import { type PartitionRegistration } from '../../../../src/core/metadata/image/image.ts'
import { EpochHistory } from '../../../../src/core/record/epoch-history.ts'
import { checkReplicaFetch, planTruncation } from '../../../../src/core/replica/fetch-check.ts'
import { type Leader } from '../../../../src/core/replica/leader.ts'
import { type LogView } from '../../../../src/core/replica/log-view.ts'
import { Partition } from '../../../../src/core/replica/partition.ts'
import { factsOf, positionOf, registered } from './stage.ts'

interface NumberedRecord {
  readonly epoch: number
  readonly value: number
}

/** A log of numbers, the first `durableCount` of which survive a crash. */
export class RecordLog implements LogView {
  records: NumberedRecord[] = []
  durableCount = 0
  readonly startOffset = (): Offset => offset(0)
  readonly endOffset = (): Offset => offset(this.records.length)
  readonly durableOffset = (): Offset => offset(this.durableCount)
  readonly lastEpoch = (): ReturnType<EpochHistory['lastEpoch']> => this.epochs().lastEpoch()

  epochs(): EpochHistory {
    const history = new EpochHistory()
    this.records.forEach((record, index) => {
      history.assign(epoch(record.epoch), offset(index))
    })
    return history
  }

  truncateTo(end: number): void {
    this.records = this.records.slice(0, end)
    this.durableCount = Math.min(this.durableCount, end)
  }
}

/** One replica. */
export interface Replica {
  readonly id: number
  readonly log: RecordLog
  partition: Partition
  life: number
  isUp: boolean
}

/** What an AlterPartition or an election makes of the registration. */
type Change = Partial<Pick<PartitionRegistration, 'isr' | 'leader' | 'leaderEpoch'>>

/** The three, and what is committed about them. */
export class Trio {
  readonly replicas: readonly Replica[]
  readonly minIsrCount = 2
  registration = registered({ leader: 1, leaderEpoch: 1 })
  nowMs = 0
  #valueCount = 0
  #lifeCount = 0

  constructor() {
    this.replicas = [1, 2, 3].map((id) => {
      const log = new RecordLog()
      const partition = new Partition({ localId: nodeId(id), log })
      return { id, log, partition, life: (this.#lifeCount += 1), isUp: true }
    })
    for (const { id } of this.replicas) this.deliver(id)
  }

  replica(id: number): Replica {
    const found = this.replicas.find((replica) => replica.id === id)
    if (found === undefined) throw new Error(`no replica ${id}`)
    return found
  }

  /** The replica that thinks it leads, of the newest epoch. */
  leading(): Replica | undefined {
    const leaders = this.replicas.filter(
      ({ isUp, partition }) => isUp && partition.leader() !== undefined,
    )
    return leaders.sort((left, right) => epochOf(right) - epochOf(left))[0]
  }

  /** A replica that leads, maybe of an old epoch, appends. */
  produce(id: number, recordCount: number): void {
    const { log, partition, isUp } = this.replica(id)
    const leader = partition.leader()
    if (leader === undefined || !isUp) return
    const end = log.endOffset()
    for (let count = 0; count < recordCount; count++) {
      this.#valueCount += 1
      log.records.push({ epoch: leader.registration().leaderEpoch, value: this.#valueCount })
    }
    leader.appended(end, this.nowMs)
  }

  /** All that a replica has appended is durable now. */
  flush(id: number): void {
    const { log, partition, isUp } = this.replica(id)
    if (!isUp) return
    log.durableCount = log.records.length
    partition.leader()?.advance()
  }

  /** A follower fetches from whom it follows and applies the answer; says what happened. */
  fetch(id: number): string {
    const follower = this.replica(id)
    const following = follower.partition.following()
    if (following === undefined || !follower.isUp) return 'follows nobody'
    const leading = this.replica(following.leaderId)
    if (!leading.isUp) return 'nobody answers'
    const position = this.positionOf(follower, following.leaderEpoch)
    const verdict = checkReplicaFetch(leading.partition, leading.log, {
      position,
      fetcher: { replicaId: nodeId(id), brokerEpoch: brokerEpoch(follower.life) },
    })
    if (verdict.type === 'refuse') return `refused ${verdict.code}`
    if (verdict.type === 'later') return 'waits for the leader’s image'
    if (verdict.type === 'diverging') {
      const end = planTruncation(follower.log, verdict)
      follower.log.truncateTo(end)
      follower.partition.truncated()
      return `diverges in epoch ${verdict.epoch} at ${verdict.endOffset}: truncates to ${end}`
    }
    const leader = leading.partition.leader()
    leader?.followerFetched({
      brokerId: nodeId(id),
      brokerEpoch: brokerEpoch(follower.life),
      durableOffset: position.durableOffset,
      logStartOffset: position.logStartOffset,
      nowMs: this.nowMs,
    })
    const taken = leading.log.records.slice(position.fetchOffset)
    follower.log.records.push(...taken)
    follower.partition.leaderToldHighWatermark(leading.partition.highWatermark())
    return `takes ${taken.length}`
  }

  /** The leader asks for the ISR that it wants, and the controller grants what is fit. */
  alterIsr(id: number): string {
    const { partition, isUp } = this.replica(id)
    const leader = partition.leader()
    if (leader === undefined || !isUp) return 'does not lead'
    const proposal =
      leader.proposal() ??
      leader.decideIsr({
        brokers: (other) => this.#factsOf(other),
        nowMs: this.nowMs,
        lagMsMax: 10_000,
      })
    if (proposal === undefined) return 'asks for nothing'
    const { newIsr } = proposal
    const asked = newIsr.map(({ brokerId }) => brokerId)
    if (proposal.partitionEpoch !== this.registration.partitionEpoch) return 'asked too late'
    const isFit = newIsr.every(
      (member) =>
        this.replica(member.brokerId).isUp &&
        this.replica(member.brokerId).life === member.brokerEpoch,
    )
    if (!isFit) {
      leader.proposalRefused(proposal)
      return `refused [${asked.join(',')}]`
    }
    this.#commit({ isr: asked })
    return `granted [${asked.join(',')}]`
  }

  /** The controller notices a death: out of the ISR unless it is the last, and another leader. */
  fence(id: number): void {
    const { isr, leader, leaderEpoch } = this.registration
    const left = isr.filter((member) => member !== id)
    const next = left.find((member) => this.replica(member).isUp)
    const change = left.length === 0 ? {} : { isr: left }
    if (leader !== id) this.#commit(change)
    else this.#commit({ ...change, leader: next, leaderEpoch: epoch(leaderEpoch + 1) } as Change)
  }

  /** The process dies with everything that was not durable; the controller hears of it at once. */
  crash(id: number): void {
    const replica = this.replica(id)
    replica.isUp = false
    replica.log.truncateTo(replica.log.durableCount)
    this.fence(id)
  }

  /** It comes back as a new incarnation, in nobody's ISR unless it was the last of it. */
  restart(id: number): void {
    const replica = this.replica(id)
    if (replica.isUp) return
    this.#lifeCount += 1
    replica.life = this.#lifeCount
    replica.isUp = true
    replica.partition = new Partition({ localId: nodeId(id), log: replica.log })
    const { isr, leader, leaderEpoch } = this.registration
    if (leader === undefined && isr.includes(nodeId(id))) {
      this.#commit({ leader: nodeId(id), leaderEpoch: epoch(leaderEpoch + 1) })
    }
  }

  /** Leadership goes to another member of the ISR that is up. */
  elect(id: number): void {
    const { isr, leader, leaderEpoch } = this.registration
    if (!isr.includes(nodeId(id)) || !this.replica(id).isUp || leader === id) return
    this.#commit({ leader: nodeId(id), leaderEpoch: epoch(leaderEpoch + 1) })
  }

  /** The newest image reaches a replica. */
  deliver(id: number): void {
    const { partition, isUp } = this.replica(id)
    if (!isUp) return
    partition.replay({
      registration: this.registration,
      minIsrCount: this.minIsrCount,
      mayLead: true,
      nowMs: this.nowMs,
    })
    for (const { id: other, life } of this.replicas) {
      partition.leader()?.brokerRegistered(nodeId(other), brokerEpoch(life), this.nowMs)
    }
  }

  positionOf(follower: Replica, leaderEpoch: number): ReplicaPosition {
    const lastFetchedEpoch = follower.log.lastEpoch()
    return positionOf({
      leaderEpoch,
      fetchOffset: follower.log.endOffset(),
      ...(lastFetchedEpoch !== undefined && { lastFetchedEpoch }),
      durableOffset: follower.log.durableOffset(),
      highWatermark: follower.partition.highWatermark(),
    })
  }

  #factsOf(id: number): ReturnType<Parameters<Leader['decideIsr']>[0]['brokers']> {
    const { life, isUp } = this.replica(id)
    return factsOf(id, { epoch: brokerEpoch(life), isActive: isUp })
  }

  #commit(change: Change): void {
    const { leader: before, ...rest } = this.registration
    const leader = 'leader' in change ? change.leader : before
    this.registration = {
      ...rest,
      isr: change.isr ?? rest.isr,
      leaderEpoch: change.leaderEpoch ?? rest.leaderEpoch,
      partitionEpoch: partitionEpoch(rest.partitionEpoch + 1),
      ...(leader !== undefined && { leader }),
    }
  }
}

function epochOf(replica: Replica): number {
  return replica.partition.leader()?.registration().leaderEpoch ?? -1
}
