/**
 * The producer ids that this broker gives to clients: a block at a time from the active controller,
 * which is asked again when the block is used up. A block whose answer was lost is never used by
 * anybody, so asking again is always safe. What is left of a block is lost with the process.
 */
import { type AllocateProducerIdsRequest } from '../../core/api/producer-ids.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type RequestContext } from '../../core/api/request-context.ts'
import { type Clock } from '../ports/clock.ts'
import { TransportFault } from '../ports/fault.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { type Bell } from '../runtime/bell.ts'
import { type ControllerLink } from './controller-link.ts'
import { type Standing } from './standing.ts'

/** What it works with. */
export interface ProducerIdsParts {
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly link: ControllerLink
  readonly standing: Standing
  readonly brokerId: AllocateProducerIdsRequest['brokerId']
  readonly controllerMoved: Bell
}

const retryMs = 100
const requestTimeoutMs = 2000

/** Hands out ids, each once. */
export class ProducerIds {
  readonly #parts: ProducerIdsParts
  #next = 0
  #end = 0
  #asking: Promise<void> | undefined

  constructor(parts: ProducerIdsParts) {
    this.#parts = parts
  }

  /** An id that nobody has. */
  async take(context: RequestContext): Promise<Outcome<number>> {
    const { clock, controllerMoved } = this.#parts
    for (;;) {
      if (this.#next < this.#end) return { ok: true, value: this.#next++ }
      const leftMs = context.deadlineAtMs - clock.nowMs()
      if (leftMs <= 0 || context.signal?.aborted === true)
        return refuse('NOT_READY', 'no controller gave this broker producer ids in time')
      await this.#ask()
      if (this.#next < this.#end) continue
      const timeout = { clock, ms: Math.min(retryMs, leftMs) }
      await controllerMoved.wait({ timeout, ...(context.signal && { signal: context.signal }) })
    }
  }

  /** One request at a time, for all who wait. */
  async #ask(): Promise<void> {
    this.#asking ??= this.#askOnce().finally(() => {
      this.#asking = undefined
    })
    await this.#asking
  }

  async #askOnce(): Promise<void> {
    const { link, standing, brokerId, telemetry } = this.#parts
    const brokerEpoch = standing.brokerEpoch()
    if (brokerEpoch === undefined) return
    try {
      const request = { brokerId, brokerEpoch }
      const options = { timeoutMs: requestTimeoutMs }
      const outcome = await link.request('allocate-producer-ids', request, options)
      if (outcome.ok) {
        this.#next = outcome.value.firstProducerId
        this.#end = this.#next + outcome.value.producerIdCount
      } else telemetry.log('debug', 'no-producer-ids', { code: outcome.code })
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      telemetry.log('debug', 'no-producer-ids', { cause })
    }
  }
}
