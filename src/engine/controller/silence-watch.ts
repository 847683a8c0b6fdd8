/**
 * Looks for brokers in service that are not heard of any more. After 300 ms without a heartbeat under
 * way, held or just answered, it hunts for crash evidence; after the session time silence alone is enough. Wakes when the next of these is
 * due, a few times a second at most.
 */
import { type BrokerRegistration } from '../../core/metadata/image/image.ts'
import { type Settings } from '../../core/config/settings.ts'
import { type NodeId } from '../../base/id.ts'
import { type Clock } from '../ports/clock.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { type Transport } from '../ports/transport.ts'
import { sleep } from '../runtime/sleep.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { evidenceSilenceMs, findCrashEvidence } from './crash-evidence.ts'
import { type Heartbeats } from './heartbeats.ts'
import { type Term } from './term.ts'

/** Longest and shortest sleep between two looks. */
const lookMsMax = 250
const lookMsMin = 10

/** A look that comes later than this was held up by this process, not by the brokers. */
const stallMsMin = 100

/** What the watch works with. */
export interface SilenceWatchOptions {
  readonly clock: Clock
  readonly transport: Transport
  readonly telemetry: Telemetry
  readonly settings: Settings
  readonly term: Term
  readonly heartbeats: Heartbeats
  /** Runs the hunts. */
  readonly lifecycle: Lifecycle
}

/** The watch of one term. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions
  readonly #hunted = new Set<NodeId>()

  constructor(options: SilenceWatchOptions) {
    this.#options = options
  }

  /** Runs until the term ends. */
  async run(): Promise<void> {
    const { clock, term, heartbeats } = this.#options
    while (!term.signal.aborted) {
      const dueInMs = await this.#look()
      const dueAtMs = clock.nowMs() + dueInMs
      await sleep(clock, dueInMs, term.signal)
      const lateMs = clock.nowMs() - dueAtMs
      if (lateMs > stallMsMin) heartbeats.forgive(lateMs)
    }
  }

  // How long until the next look is due.
  async #look(): Promise<number> {
    const { clock, term, heartbeats, settings } = this.#options
    const sessionMs = settings['broker.session.timeout.ms']
    const image = term.controller.image()
    const nowMs = clock.nowMs()
    heartbeats.observe(image, nowMs)
    let dueInMs = lookMsMax
    for (const broker of image.brokers.values()) {
      if (broker.isFenced) continue
      const silenceMs = heartbeats.silenceMs(broker, nowMs)
      if (silenceMs >= sessionMs) {
        await this.#fence(broker, 'session-timeout')
        continue
      }
      const absenceMs = heartbeats.absenceMs(broker, nowMs)
      if (absenceMs >= evidenceSilenceMs) this.#hunt(broker)
      else dueInMs = Math.min(dueInMs, evidenceSilenceMs - absenceMs)
      dueInMs = Math.min(dueInMs, sessionMs - silenceMs)
    }
    return Math.max(lookMsMin, dueInMs)
  }

  #hunt(broker: BrokerRegistration): void {
    const { clock, transport, term, heartbeats, settings, lifecycle } = this.#options
    const listener = settings['inter.broker.listener.name']
    const endpoint = broker.endpoints.find((candidate) => candidate.listener === listener)
    const isOff = !settings['controller.crash.evidence.enable'] || endpoint === undefined
    if (isOff || this.#hunted.has(broker.id)) return
    this.#hunted.add(broker.id)
    lifecycle.spawn('crash-evidence', async () => {
      try {
        const isSilent = (): boolean =>
          heartbeats.absenceMs(broker, clock.nowMs()) >= evidenceSilenceMs
        const hunt = { clock, transport, endpoint, isSilent, signal: term.signal }
        if (await findCrashEvidence(hunt)) await this.#fence(broker, 'crash-evidence')
      } finally {
        this.#hunted.delete(broker.id)
      }
    })
  }

  async #fence(broker: BrokerRegistration, reason: string): Promise<void> {
    const { term, telemetry, heartbeats } = this.#options
    const silent = { brokerId: broker.id, brokerEpoch: broker.epoch }
    const outcome = await term.perform(term.controller.decideFence(silent))
    if (!outcome.ok || !outcome.value.isFenced) return
    heartbeats.end(broker.id)
    telemetry.log('warn', 'broker-fenced', { ...silent, reason })
  }
}
