/**
 * The controller of one node: takes the role when the quorum gives it, answers while it has it, and
 * drops everything when it is gone. Beside the requests it watches three things while active: brokers
 * that fall silent (sessions and crash evidence), and leaderships that should return to their
 * preferred replicas. `core/controller` decides, `term.ts` appends and answers.
 */
import { topicId, type ClusterId, type Epoch, type NodeId } from '../../base/id.ts'
import { type Apis } from '../../core/api/apis.ts'
import {
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
} from '../../core/api/broker-heartbeat.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type RequestContext } from '../../core/api/request-context.ts'
import { dynamicSetting } from '../../core/config/effective-config.ts'
import { type Settings } from '../../core/config/settings.ts'
import { Controller, type ControllerApi } from '../../core/controller/controller.ts'
import { type MetadataImage } from '../../core/metadata/image/image.ts'
import { type Ports } from '../ports/ports.ts'
import { type MetadataPublisher } from '../quorum/metadata-publisher.ts'
import { sleep } from '../runtime/sleep.ts'
import { Lifecycle, type FailureHandler } from '../runtime/lifecycle.ts'
import { type ControllerLog } from './controller-log.ts'
import { Heartbeats } from './heartbeats.ts'
import { SilenceWatch } from './silence-watch.ts'
import { notControllerSentence, Term } from './term.ts'

/** A held answer leaves this long before its caller stops to wait. */
const answerMarginMs = 200

/** In service for this long, a broker gets its leaderships back. */
const settledAfterMs = 2000

/** What a controller is made of. */
export interface ControllerOptions {
  readonly ports: Pick<Ports, 'clock' | 'entropy' | 'transport' | 'telemetry'>
  readonly settings: Settings
  readonly nodeId: NodeId
  readonly clusterId: ClusterId
  readonly quorum: ControllerLog
  readonly metadata: Pick<MetadataPublisher, 'current' | 'published'>
  /** Told when background work failed; the node should stop. */
  readonly onFailure?: FailureHandler
}

/** The controller part of a node with the role `controller`. */
export class ControllerRuntime {
  readonly #options: ControllerOptions
  readonly #lifecycle: Lifecycle
  #term: { readonly term: Term; readonly heartbeats: Heartbeats } | undefined

  constructor(options: ControllerOptions) {
    this.#options = options
    this.#lifecycle = new Lifecycle(options.ports.telemetry, options.onFailure)
  }

  /** Starts to wait for the role. */
  start(): void {
    this.#lifecycle.spawn('controller-role', async (signal) => this.#followRole(signal))
  }

  /** True while this node is the active controller. */
  isActive(): boolean {
    return this.#term?.term.isOn() === true
  }

  /** Answers a request: NOT_CONTROLLER without the role, UNKNOWN_OUTCOME when it was lost before the commit. */
  async handle<A extends ControllerApi>(
    api: A,
    request: Apis[A]['request'],
    context: Pick<RequestContext, 'deadlineAtMs' | 'signal'>,
  ): Promise<Outcome<Apis[A]['response']>> {
    const active = this.#term
    if (active?.term.isOn() !== true) {
      const { leaderId } = this.#options.quorum.leadership()
      return refuse('NOT_CONTROLLER', notControllerSentence(leaderId))
    }
    if (context.deadlineAtMs <= this.#nowMs()) {
      return refuse('THROTTLED', 'The request waited longer than its time-out; nothing was done.')
    }
    hear(active, request, this.#nowMs())
    const outcome = await active.term.handle(api, request)
    if (outcome.ok) note(active, request, outcome.value, this.#nowMs())
    if (outcome.ok && 'isCaughtUp' in outcome.value && 'waitMsMax' in request) {
      await this.#hold(active, request, { ...context, answer: outcome.value })
    }
    return outcome
  }

  /** Gives up the role here and waits for background work. */
  async close(): Promise<void> {
    this.#endTerm()
    await this.#lifecycle.close()
  }

  #nowMs(): number {
    return this.#options.ports.clock.nowMs()
  }

  /** Keeps the answer to a heartbeat that brings no news, so that its connection is the sign of life. */
  async #hold(
    { term, heartbeats }: ActiveTerm,
    request: BrokerHeartbeatRequest,
    until: Pick<RequestContext, 'deadlineAtMs' | 'signal'> & {
      readonly answer: BrokerHeartbeatResponse
    },
  ): Promise<void> {
    const { answer, deadlineAtMs, signal } = until
    const nowMs = this.#nowMs()
    const holdMs = Math.min(request.waitMsMax, deadlineAtMs - nowMs - answerMarginMs)
    const hasNews = answer.isFenced || answer.mayShutdown || !answer.isCaughtUp
    if (hasNews || holdMs <= 0 || !term.isOn() || signal?.aborted === true) return
    const release = heartbeats.hold({ id: request.brokerId, epoch: request.brokerEpoch }, nowMs)
    const over = new AbortController()
    const stop = (): void => {
      over.abort('over')
    }
    term.signal.addEventListener('abort', stop, { once: true })
    signal?.addEventListener('abort', stop, { once: true })
    const timeout = { clock: this.#options.ports.clock, ms: holdMs }
    await heartbeats.ended.wait({ signal: over.signal, timeout })
    term.signal.removeEventListener('abort', stop)
    signal?.removeEventListener('abort', stop)
    release(this.#nowMs())
  }

  async #followRole(signal: AbortSignal): Promise<void> {
    const { quorum, metadata } = this.#options
    while (!signal.aborted) {
      const since = quorum.activeSince()
      if (since?.epoch !== this.#term?.term.epoch) {
        this.#endTerm()
        // Whatever earlier controllers committed is in the image before anything is decided.
        const hasAll = (): boolean =>
          since === undefined ||
          metadata.current().offset >= since.offset ||
          quorum.activeSince()?.epoch !== since.epoch
        const isSettled = await metadata.published.until(hasAll, { signal })
        if (isSettled && since !== undefined && quorum.activeSince()?.epoch === since.epoch) {
          this.#beginTerm(since.epoch, metadata.current())
        }
        continue
      }
      // A batch of unknown fate ended the term: a leader that cannot decide must not stay leader.
      if (this.#term?.term.signal.aborted === true) {
        await quorum.resign()
        this.#endTerm()
        continue
      }
      await quorum.leadershipChanged.wait({ signal: this.#term?.term.signal ?? signal })
    }
    this.#endTerm()
  }

  #beginTerm(epoch: Epoch, image: MetadataImage): void {
    const { clock, entropy, transport, telemetry } = this.#options.ports
    const { settings, nodeId, clusterId, quorum } = this.#options
    const heartbeats = new Heartbeats({ sessionMs: settings['broker.session.timeout.ms'] })
    heartbeats.observe(image, clock.nowMs())
    const controller = new Controller({
      image,
      viewer: { nodeId, settings },
      facts: {
        clusterId,
        isAlive: (id) => heartbeats.isAlive(id, clock.nowMs()),
        appliedOffsetOf: (id) => heartbeats.appliedOffsetOf(id),
        isSettled: (id) => heartbeats.isSettled(id, clock.nowMs(), settledAfterMs),
        newTopicId: () => topicId(entropy.uuid()),
      },
    })
    const term = new Term({ epoch, controller, log: quorum, telemetry })
    this.#term = { term, heartbeats }
    telemetry.log('info', 'controller-active', { nodeId, epoch, offset: image.offset })
    const lifecycle = this.#lifecycle
    const watch = new SilenceWatch({
      clock,
      transport,
      telemetry,
      settings,
      term,
      heartbeats,
      lifecycle,
    })
    this.#lifecycle.spawn('controller-bootstrap', async () => {
      await term.perform(controller.decideBootstrap())
    })
    this.#lifecycle.spawn('controller-sessions', async () => watch.run())
    this.#lifecycle.spawn('controller-rebalance', async () => this.#rebalance(term))
  }

  #endTerm(): void {
    if (this.#term === undefined) return
    const { term } = this.#term
    this.#term = undefined
    term.end()
    const { telemetry } = this.#options.ports
    telemetry.log('info', 'controller-inactive', {
      nodeId: this.#options.nodeId,
      epoch: term.epoch,
    })
  }

  // Looks only when the metadata changed or a broker is still settling, so an idle cluster costs nothing.
  async #rebalance(term: Term): Promise<void> {
    const { ports, settings, nodeId } = this.#options
    const intervalMs = settings['leader.imbalance.check.interval.ms']
    let seen: MetadataImage | undefined
    while (!term.signal.aborted) {
      await sleep(ports.clock, intervalMs, term.signal)
      const image = term.controller.image()
      const viewer = { nodeId, settings }
      const isWanted = dynamicSetting(image, viewer, 'auto.leader.rebalance.enable')
      if (!isWanted || image === seen || !term.isOn()) continue
      const outcome = await term.perform(term.controller.decideRebalance())
      if (!outcome.ok) continue
      const { movedCount, waitingCount } = outcome.value
      if (movedCount > 0) ports.telemetry.log('info', 'leaders-returned', { movedCount })
      seen = waitingCount === 0 && movedCount === 0 ? image : undefined
    }
  }
}

interface ActiveTerm {
  readonly term: Term
  readonly heartbeats: Heartbeats
}

// Any request of a broker's present registration is a sign of life; a heartbeat also says how far it is.
function hear(active: ActiveTerm, request: Apis[ControllerApi]['request'], nowMs: number): void {
  if (!('brokerEpoch' in request)) return
  const broker = active.term.controller.image().brokers.get(request.brokerId)
  if (broker?.epoch !== request.brokerEpoch) return
  const applied = 'metadataOffset' in request ? request.metadataOffset : undefined
  active.heartbeats.hear(broker, nowMs, applied)
}

function note(
  active: ActiveTerm,
  request: Apis[ControllerApi]['request'],
  response: Apis[ControllerApi]['response'],
  nowMs: number,
): void {
  if ('brokerEpoch' in response && 'brokerId' in request) {
    active.heartbeats.hear({ id: request.brokerId, epoch: response.brokerEpoch }, nowMs)
  }
  if ('mayShutdown' in response && response.mayShutdown && 'brokerId' in request) {
    active.heartbeats.end(request.brokerId)
  }
}
