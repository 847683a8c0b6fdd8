/**
 * Brings the leaders' wishes about their ISRs to the controller: gathers what is asked for, sends it
 * in one request at a time, and repeats it until the controller refuses it or the image shows it.
 *
 * Invariant: as long as it is not known that the controller will never do what was asked for, the
 * leader's maximal ISR counts it (`core/replica/leader.ts`).
 */
import { type NodeId } from '../../base/id.ts'
import { type PartitionAlteration } from '../../core/api/alter-partition.ts'
import { type ErrorCode } from '../../core/api/error-code.ts'
import { type BrokerFacts } from '../../core/replica/isr-change.ts'
import { partitionKey } from '../../core/replica/fetch-plan.ts'
import { type Leader } from '../../core/replica/leader.ts'
import { TransportFault } from '../ports/fault.ts'
import { type Clock } from '../ports/clock.ts'
import { type Entropy } from '../ports/entropy.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { Bell } from '../runtime/bell.ts'
import { sleep } from '../runtime/sleep.ts'
import { Backoff } from '../runtime/retry.ts'
import { type ControllerLink } from './controller-link.ts'
import { type HostedPartition } from './hosted-partition.ts'
import { type Standing } from './standing.ts'

/** What is needed to ask. */
export interface IsrChangesParts {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly telemetry: Telemetry
  readonly link: ControllerLink
  readonly standing: Standing
  readonly localId: NodeId
  readonly lagMsMax: number
  readonly brokers: (id: NodeId) => BrokerFacts | undefined
  /** The high watermark may move because a refused change counts no more. */
  readonly settled: (hosted: HostedPartition) => void
}

/** Answers after which what was asked for has certainly not been done and will not be. */
const finalCodes: ReadonlySet<ErrorCode> = new Set([
  'INELIGIBLE_REPLICA',
  'INVALID_REQUEST',
  'OPERATION_NOT_ATTEMPTED',
  'NOT_ENOUGH_REPLICAS',
])

const requestTimeoutMs = 2000
const countMaxPerRequest = 1000

/** The queue of ISR changes of one broker. */
export class IsrChanges {
  readonly #parts: IsrChangesParts
  readonly #asking = new Map<string, HostedPartition>()
  readonly #resigning = new Map<string, { readonly hosted: HostedPartition; readonly alteration: PartitionAlteration }>() // prettier-ignore
  readonly #added = new Bell()

  constructor(parts: IsrChangesParts) {
    this.#parts = parts
  }

  /** A follower of this partition may join or have to leave: asks, if so. */
  consider(hosted: HostedPartition): void {
    const leader = hosted.state.leader()
    if (leader === undefined || leader.proposal() !== undefined) return
    const { brokers, lagMsMax, clock } = this.#parts
    const proposal = leader.decideIsr({ brokers, lagMsMax, nowMs: clock.nowMs() })
    if (proposal === undefined) return
    this.#asking.set(hosted.key, hosted)
    this.#added.ring()
  }

  /** This leader's log failed: asks for another leader, or for itself under a higher epoch. */
  resign(hosted: HostedPartition, leader: Leader): void {
    const { leaderEpoch, partitionEpoch, isr } = leader.registration()
    const newIsr = isr.flatMap((brokerId) => {
      const epoch = leader.follower(brokerId)?.brokerEpoch ?? this.#parts.brokers(brokerId)?.epoch
      return epoch === undefined ? [] : [{ brokerId, brokerEpoch: epoch }]
    })
    const { topicId, partition } = hosted
    const alteration = { topicId, partition, leaderEpoch, partitionEpoch, newIsr, resigns: true }
    this.#resigning.set(hosted.key, { hosted, alteration })
    this.#added.ring()
  }

  /** Sends what is asked for until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ initialMs: 20, maxMs: 500 }, this.#parts.entropy)
    while (!signal.aborted) {
      const alterations = this.#gather()
      const brokerEpoch = this.#parts.standing.brokerEpoch()
      if (alterations.length === 0) {
        await this.#added.wait({ signal })
        continue
      }
      if (brokerEpoch !== undefined && (await this.#send(alterations, signal))) {
        backoff.reset()
        continue
      }
      await sleep(this.#parts.clock, backoff.nextMs(), signal)
    }
  }

  /** What still has to be asked; whatever the image has overtaken is dropped. */
  #gather(): readonly PartitionAlteration[] {
    const alterations: PartitionAlteration[] = []
    for (const [key, { hosted, alteration }] of this.#resigning) {
      const now = hosted.state.registration()
      if (hosted.isDropped() || now?.leaderEpoch !== alteration.leaderEpoch) {
        this.#resigning.delete(key)
        continue
      }
      alterations.push({ ...alteration, partitionEpoch: now.partitionEpoch })
    }
    for (const [key, hosted] of this.#asking) {
      const proposal = hosted.state.leader()?.proposal()
      if (proposal === undefined || hosted.isDropped()) {
        this.#asking.delete(key)
        continue
      }
      const { topicId, partition } = hosted
      alterations.push({ topicId, partition, ...proposal, resigns: false })
    }
    return alterations.slice(0, countMaxPerRequest)
  }

  /** True when the controller answered for every one of them. */
  async #send(alterations: readonly PartitionAlteration[], signal: AbortSignal): Promise<boolean> {
    const { link, standing, localId } = this.#parts
    const brokerEpoch = standing.brokerEpoch()
    if (brokerEpoch === undefined) return false
    const request = { brokerId: localId, brokerEpoch, partitions: alterations }
    try {
      const options = { timeoutMs: requestTimeoutMs, signal }
      const outcome = await link.request('alter-partition', request, options)
      if (!outcome.ok) return false
      let isSettled = true
      for (const answer of outcome.value.partitions) {
        if (!this.#answered(partitionKey(answer), alterations, answer.error?.code)) {
          isSettled = false
        }
      }
      return isSettled
    } catch (cause) {
      if (cause instanceof TransportFault) return false
      throw cause
    }
  }

  /** True when nothing has to be asked again for this partition, now that the controller said so. */
  #answered(
    key: string,
    alterations: readonly PartitionAlteration[],
    code: ErrorCode | undefined,
  ): boolean {
    const asked = alterations.find((alteration) => partitionKey(alteration) === key)
    this.#log(asked, code)
    if (asked?.resigns === true) {
      if (code === undefined) this.#resigning.delete(key)
      return code === undefined
    }
    const hosted = this.#asking.get(key)
    const leader = hosted?.state.leader()
    const proposal = leader?.proposal()
    if (hosted === undefined || leader === undefined || proposal === undefined) return true
    if (proposal.partitionEpoch !== asked?.partitionEpoch) return true
    if (code === undefined) {
      this.#asking.delete(key)
      return true
    }
    if (!finalCodes.has(code)) return false
    this.#asking.delete(key)
    if (leader.proposalRefused(proposal)) this.#parts.settled(hosted)
    return true
  }

  #log(asked: PartitionAlteration | undefined, code: ErrorCode | undefined): void {
    if (asked === undefined) return
    const { topicId, partition, resigns, newIsr } = asked
    const isr = newIsr.map(({ brokerId }) => brokerId)
    const level = code === undefined ? 'info' : 'debug'
    this.#parts.telemetry.log(level, 'isr-asked', { topicId, partition, isr, resigns, code })
  }
}
