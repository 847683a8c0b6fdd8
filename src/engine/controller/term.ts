/**
 * One term as active controller: the loop of decide, append, replay, and the answers that wait for
 * the commit. Deciding, appending and replaying happen without an `await` between them, so one event
 * is handled at a time and the overlay always is what the log holds. Ended, it answers nothing but
 * NOT_CONTROLLER; there is no way back into it.
 *
 * Invariants: nothing is answered before everything that the answer was decided from is committed;
 * a batch whose fate is unknown is answered so, and ends the term.
 */
import { assert } from '../../base/assert.ts'
import { offset as offsetOf, type Epoch, type NodeId } from '../../base/id.ts'
import { type Apis } from '../../core/api/apis.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type Controller, type ControllerApi } from '../../core/controller/controller.ts'
import { type Decision } from '../../core/controller/decision.ts'
import { encodeRecord } from '../../core/metadata/record-codec.ts'
import { type MetadataRecord } from '../../core/metadata/records/record.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { type ControllerLog } from './controller-log.ts'

/** Most answers that wait for a commit; beyond it requests are refused. */
const waitingCountMax = 4096

/** What a term is made of. */
export interface TermOptions {
  readonly epoch: Epoch
  readonly controller: Controller
  readonly log: ControllerLog
  readonly telemetry: Telemetry
}

/** The active controller in one quorum epoch. */
export class Term {
  readonly epoch: Epoch
  readonly #controller: Controller
  readonly #log: ControllerLog
  readonly #telemetry: Telemetry
  readonly #abort = new AbortController()
  // Of the newest batch; batches commit in order, so it stands for all before it.
  #newest: Promise<boolean> | undefined
  #waitingCount = 0

  constructor(options: TermOptions) {
    this.epoch = options.epoch
    this.#controller = options.controller
    this.#log = options.log
    this.#telemetry = options.telemetry
  }

  /** Aborted when the term ends. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** The machine. */
  get controller(): Controller {
    return this.#controller
  }

  /** True while this node may decide. */
  isOn(): boolean {
    return !this.#abort.signal.aborted && this.#log.activeSince()?.epoch === this.epoch
  }

  /** Drops the overlay for good. */
  end(): void {
    this.#abort.abort()
  }

  /** Handles a request of a broker or a client. */
  async handle<A extends ControllerApi>(
    api: A,
    request: Apis[A]['request'],
  ): Promise<Outcome<Apis[A]['response']>> {
    if (!this.isOn()) return this.#notController()
    return this.perform(this.#controller.decide(api, request))
  }

  /** Appends what was decided just now, and answers when it is committed. */
  async perform<T>(decision: Decision<T>): Promise<Outcome<T>> {
    if (!this.isOn()) return this.#notController()
    if (this.#waitingCount >= waitingCountMax) return this.#busy()
    this.#waitingCount += 1
    try {
      return await this.#append(decision)
    } catch (cause) {
      // A defect half-way: log and overlay may differ, so nothing more may be decided from it.
      this.end()
      throw cause
    } finally {
      this.#waitingCount -= 1
    }
  }

  async #append<T>(decision: Decision<T>): Promise<Outcome<T>> {
    if (!decision.ok || decision.records.length === 0) {
      // Decided from the overlay: true only if all of that is committed.
      const isCertain = this.#newest === undefined || (await this.#newest)
      if (!isCertain) return this.#notController()
      return decision.ok ? { ok: true, value: decision.reply(offsetOf(0)) } : decision
    }
    const { records } = decision
    const proposed = this.#log.propose({ epoch: this.epoch, records: records.map(encodeRecord) })
    if (proposed === undefined) return this.isOn() ? this.#busy() : this.#notController()
    const { baseOffset, committed } = proposed
    const expected = this.#controller.image().offset
    assert(baseOffset === expected, `a batch at ${baseOffset}, the overlay ends at ${expected}`)
    this.#controller.replay(records, { offset: baseOffset, epoch: this.epoch })
    const settled = this.#settle(committed, records)
    this.#newest = settled
    if (await settled) return { ok: true, value: decision.reply(baseOffset) }
    return refuse(
      'UNKNOWN_OUTCOME',
      'This controller lost its role before the change was committed: it may have happened; look before you try again.',
    )
  }

  async #settle(committed: Promise<boolean>, records: readonly MetadataRecord[]): Promise<boolean> {
    const isCommitted = await committed
    if (isCommitted) this.#report(records)
    else this.end()
    return isCommitted
  }

  #report(records: readonly MetadataRecord[]): void {
    let leaderCount = 0
    for (const record of records) {
      if (record.type === 'broker-registration-change') {
        const { brokerId, isFenced, inControlledShutdown } = record
        this.#telemetry.log('info', 'broker-changed', { brokerId, isFenced, inControlledShutdown })
      }
      if (record.type !== 'partition-change') continue
      if (record.leader !== undefined) leaderCount += 1
      if (record.isUnclean === true) {
        const { topicId, partition, leader } = record
        this.#telemetry.log('warn', 'unclean-election', { topicId, partition, leader })
      }
    }
    if (leaderCount > 0) this.#telemetry.log('info', 'leaders-changed', { leaderCount })
  }

  #notController(): Outcome<never> {
    const { leaderId } = this.#log.leadership()
    return refuse('NOT_CONTROLLER', notControllerSentence(leaderId))
  }

  #busy(): Outcome<never> {
    return refuse('THROTTLED', 'Too many changes wait for the metadata quorum: try again shortly.')
  }
}

/** What a node says that is not the active controller. */
export function notControllerSentence(leaderId: NodeId | undefined): string {
  return leaderId === undefined
    ? 'This node is not the active controller, and none is known yet: try again shortly.'
    : `This node is not the active controller: ask node ${leaderId}.`
}
