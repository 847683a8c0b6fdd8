/**
 * The broker's life with the controller: registers this incarnation, keeps a heartbeat under way on a
 * connection of its own, unfences when caught up, registers again when told that its registration is gone, and
 * asks for a controlled shutdown. The only writer of `Standing`.
 *
 *   starting ──registered──▶ fenced ◀──────▶ running ──shutdown──▶ stopping ──▶ stopped
 *                              └── told stale or unknown: registers again
 */
import {
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
} from '../../core/api/broker-heartbeat.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type ErrorCode, type Outcome } from '../../core/api/error-code.ts'
import { type Settings } from '../../core/config/settings.ts'
import { supportedFeatures } from '../../core/metadata/features.ts'
import { TransportFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { Bell } from '../runtime/bell.ts'
import { Backoff } from '../runtime/retry.ts'
import { type LogDirectories } from '../storage/log-directories.ts'
import { type BrokerIdentity } from './broker-identity.ts'
import { type ControllerLink } from './controller-link.ts'
import { type Replicas } from './replicas.ts'
import { type Standing } from './standing.ts'

/** What the life of a broker touches. */
export interface BrokerLifecycleParts {
  readonly ports: Pick<Ports, 'clock' | 'entropy' | 'telemetry'>
  readonly settings: Settings
  readonly identity: BrokerIdentity
  readonly endpoints: readonly Endpoint[]
  readonly directories: LogDirectories
  readonly replicas: Replicas
  readonly standing: Standing
  /** Heartbeats and registration only: nothing big ever delays them. */
  readonly link: ControllerLink
  /** Rings when the controller may have moved. */
  readonly controllerMoved: Bell
}

/** Why the controller will never take this broker. */
export interface RegistrationRefused {
  readonly code: ErrorCode
  readonly message: string
}

/** Pause between two heartbeats of a broker that waits for something: its unfencing, its shutdown. */
const eagerPauseMs = 100
const silentPauseMs = 50
/** Longer than an election of the quorum takes. */
const forsakenMs = 3000
const requestTimeoutMs = 1000
/** How much later than its session's end a broker may be fenced. */
const sessionMarginMs = 1000

/** Registers and keeps a broker alive. */
export class BrokerLifecycle {
  readonly #parts: BrokerLifecycleParts
  readonly #hurry = new Bell()
  #wantsShutdown = false
  #mayShutdown = false
  /** Nobody answered for so long that the quorum itself must be down: the whole cluster stops. */
  #isForsaken = false
  #refused: RegistrationRefused | undefined

  constructor(parts: BrokerLifecycleParts) {
    this.#parts = parts
  }

  /** Set when the controller refused the registration for good. */
  refused(): RegistrationRefused | undefined {
    return this.#refused
  }

  /** Registers, beats, and registers again until `signal` aborts or the registration is refused for good. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#refused === undefined) {
      if (await this.#register(signal)) await this.#beat(signal)
    }
  }

  /** Asks the controller to move all leadership away; false when that took longer than `timeoutMs`, or nobody decides any more. */
  async shutdown(timeoutMs: number): Promise<boolean> {
    this.#wantsShutdown = true
    if (this.#parts.standing.state() === 'running') this.#parts.standing.become('stopping')
    this.#hurry.ring()
    if (this.#parts.standing.brokerEpoch() === undefined) return false
    const { clock } = this.#parts.ports
    const timeout = { clock, ms: timeoutMs }
    const { changed } = this.#parts.standing
    await changed.until(() => this.#mayShutdown || this.#isForsaken, { timeout })
    return this.#mayShutdown
  }

  /** True when this incarnation is registered under a new epoch. */
  async #register(signal: AbortSignal): Promise<boolean> {
    const { ports, settings, identity, standing } = this.#parts
    const backoff = new Backoff({ initialMs: 20, maxMs: 300 }, ports.entropy)
    // By then a holder of the id that died before this start is fenced.
    const giveUpAtMs = ports.clock.nowMs() + settings['broker.session.timeout.ms'] + sessionMarginMs
    let isRefusalLogged = false
    while (!signal.aborted) {
      const outcome = await this.#tryToRegister(signal)
      if (outcome === 'again') {
        await this.#pause(backoff.nextMs(), signal)
        continue
      }
      if ('brokerEpoch' in outcome) {
        standing.registered(outcome.brokerEpoch)
        ports.telemetry.log('info', 'broker-registered', {
          brokerId: identity.nodeId,
          brokerEpoch: outcome.brokerEpoch,
        })
        return true
      }
      // The other holder of the id may be this node's dead former self on another disk.
      const mayPass = outcome.code === 'DUPLICATE_BROKER_REGISTRATION'
      if (!isRefusalLogged) {
        ports.telemetry.log('warn', 'broker-registration-refused', { ...outcome })
      }
      isRefusalLogged = true
      if (mayPass && ports.clock.nowMs() < giveUpAtMs) {
        await this.#pause(300, signal)
        continue
      }
      this.#refused = outcome
      standing.become('stopped')
      return false
    }
    return false
  }

  async #tryToRegister(
    signal: AbortSignal,
  ): Promise<'again' | Extract<BrokerRegistered, object> | RegistrationRefused> {
    const { identity, settings, endpoints, directories, link } = this.#parts
    const rack = settings['broker.rack']
    const request = {
      brokerId: identity.nodeId,
      clusterId: identity.clusterId,
      incarnationId: identity.incarnationId,
      endpoints,
      ...(rack !== '' && { rack }),
      features: supportedFeatures,
      directories: directories.reports(),
      hasUnopenedDirectory: directories.unopened.length > 0,
    }
    try {
      const options = { timeoutMs: requestTimeoutMs, signal }
      const outcome = await link.request('register-broker', request, options)
      if (outcome.ok) return { brokerEpoch: outcome.value.brokerEpoch }
      const isFinal = finalRefusals.has(outcome.code)
      return isFinal ? { code: outcome.code, message: outcome.message } : 'again'
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      return 'again'
    }
  }

  /** Beats until the controller says that this registration is gone. */
  async #beat(signal: AbortSignal): Promise<void> {
    const { settings, ports, standing } = this.#parts
    let heardAtMs = ports.clock.nowMs()
    while (!signal.aborted) {
      // News may cancel one heartbeat after the other: after a while one must come to its end.
      const isOverdue = ports.clock.nowMs() - heardAtMs > settings['broker.session.timeout.ms'] / 2
      const answer = await this.#beatOnce(signal, isOverdue)
      if (answer === 'woken') continue
      if (answer === 'gone') {
        standing.become('fenced')
        return
      }
      const nowMs = ports.clock.nowMs()
      if (answer !== 'silent') {
        heardAtMs = nowMs
        this.#heard(answer)
      } else if (this.#wantsShutdown && nowMs - heardAtMs > forsakenMs) {
        this.#isForsaken = true
        standing.changed.ring()
      } else if (nowMs - heardAtMs > settings['broker.session.timeout.ms']) {
        // The controller has fenced a broker that it did not hear for this long.
        standing.become('fenced')
      }
      if (answer === 'silent') await this.#pause(silentPauseMs, signal)
      else if (standing.state() !== 'running' || !answer.isCaughtUp) {
        await this.#pause(eagerPauseMs, signal, { isBehind: !answer.isCaughtUp })
      }
    }
  }

  /**
   * One heartbeat; a running broker lets the controller hold it. `woken`: there is something new to
   * say, which is neither contact nor silence. An overdue one is not held, and nothing wakes it.
   */
  async #beatOnce(
    signal: AbortSignal,
    isOverdue: boolean,
  ): Promise<BrokerHeartbeatResponse | 'gone' | 'silent' | 'woken'> {
    const { identity, standing, replicas, directories, settings } = this.#parts
    const brokerEpoch = standing.brokerEpoch()
    if (brokerEpoch === undefined) return 'gone'
    const mayHold = standing.state() === 'running' && !this.#wantsShutdown && !isOverdue
    const request = {
      brokerId: identity.nodeId,
      brokerEpoch,
      metadataOffset: replicas.appliedOffset(),
      wantsFence: false,
      wantsShutdown: this.#wantsShutdown,
      waitMsMax: mayHold ? settings['broker.heartbeat.interval.ms'] : 0,
      offlineDirectoryIds: directories.offlineIds(),
      movedReplicas: replicas.moved(),
    }
    const outcome = await this.#send(request, signal, isOverdue)
    if (typeof outcome === 'string') return outcome
    if (outcome.ok) return outcome.value
    return goneCodes.has(outcome.code) ? 'gone' : 'silent'
  }

  /** The answer, or `woken` when what the heartbeat says became old while it was held. */
  async #send(
    request: BrokerHeartbeatRequest,
    signal: AbortSignal,
    isOverdue: boolean,
  ): Promise<Outcome<BrokerHeartbeatResponse> | 'silent' | 'woken'> {
    const { link, controllerMoved, directories, replicas } = this.#parts
    const over = new AbortController()
    const answered = new AbortController()
    const stop = (): void => {
      over.abort('woken')
    }
    signal.addEventListener('abort', stop, { once: true })
    // How far it has applied the metadata is news too: a broker that shuts down waits for it.
    const bells = [this.#hurry, controllerMoved, directories.stateChanged, replicas.applied]
    const news = isOverdue ? undefined : Bell.any(bells, { signal: answered.signal }).then(stop)
    try {
      const options = { timeoutMs: request.waitMsMax + requestTimeoutMs, signal: over.signal }
      return await link.request('broker-heartbeat', request, options)
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      return cause.code === 'cancelled' ? 'woken' : 'silent'
    } finally {
      signal.removeEventListener('abort', stop)
      answered.abort('answered')
      await news
    }
  }

  #heard(answer: BrokerHeartbeatResponse): void {
    const { standing } = this.#parts
    if (answer.mayShutdown && this.#wantsShutdown && !this.#mayShutdown) {
      this.#mayShutdown = true
      standing.changed.ring()
    }
    if (this.#wantsShutdown) standing.become('stopping')
    else standing.become(answer.isFenced ? 'fenced' : 'running')
  }

  /** Waits, but not longer than until there is something to say or somebody new to say it to. */
  async #pause(
    ms: number,
    signal: AbortSignal,
    { isBehind = false }: { readonly isBehind?: boolean } = {},
  ): Promise<void> {
    const { ports, controllerMoved, directories, replicas, standing } = this.#parts
    const timeout = { clock: ports.clock, ms }
    const bells = [this.#hurry, controllerMoved, directories.stateChanged]
    // Somebody waits for it to be caught up, a fenced broker itself: it says so as soon as it is.
    if (isBehind || standing.state() === 'fenced') bells.push(replicas.applied)
    await Bell.any(bells, { signal, timeout })
  }
}

interface BrokerRegistered {
  readonly brokerEpoch: NonNullable<ReturnType<Standing['brokerEpoch']>>
}

const finalRefusals: ReadonlySet<ErrorCode> = new Set([
  'DUPLICATE_BROKER_REGISTRATION',
  'INCONSISTENT_CLUSTER_ID',
  'UNSUPPORTED_VERSION',
  'INVALID_REQUEST',
  'INVALID_CONFIG',
])

const goneCodes: ReadonlySet<ErrorCode> = new Set([
  'STALE_BROKER_EPOCH',
  'BROKER_ID_NOT_REGISTERED',
])
