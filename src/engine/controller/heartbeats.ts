/**
 * When each broker was last heard of: the soft state of one term of the active controller. A new
 * controller grants every broker in service a fresh session, because it cannot know what the one
 * before it heard.
 */
import { type BrokerEpoch, type NodeId, type Offset } from '../../base/id.ts'
import { type BrokerRegistration, type MetadataImage } from '../../core/metadata/image/image.ts'
import { Bell } from '../runtime/bell.ts'

/** Contact with one registration of a broker. */
export interface BrokerSession {
  readonly epoch: BrokerEpoch
  heardAtMs: number
  /** Heartbeats that the controller holds: while there is one, the connection lives. */
  heldCount: number
  /** When it last held one, or heard of it. */
  presentAtMs: number
  /** How far it had applied the metadata log. */
  appliedOffset: Offset | undefined
  /** Since when it has been in service without a break. */
  activeSinceMs: number | undefined
}

/** The sessions of one term. */
export class Heartbeats {
  /** Rings when a session ends: a held heartbeat of it is answered. */
  readonly ended = new Bell()
  readonly #sessionMs: number
  readonly #sessions = new Map<NodeId, BrokerSession>()

  constructor(options: { readonly sessionMs: number }) {
    this.#sessionMs = options.sessionMs
  }

  /** Notes a sign of life. */
  hear(
    from: { readonly id: NodeId; readonly epoch: BrokerEpoch },
    nowMs: number,
    appliedOffset?: Offset,
  ): void {
    const session = this.#sessionOf(from, nowMs)
    if (session === undefined) return
    session.heardAtMs = nowMs
    session.presentAtMs = nowMs
    if (appliedOffset !== undefined) session.appliedOffset = appliedOffset
  }

  /** Notes that a heartbeat of the broker is held until the returned function is called. */
  hold(
    from: { readonly id: NodeId; readonly epoch: BrokerEpoch },
    nowMs: number,
  ): (nowMs: number) => void {
    const session = this.#sessionOf(from, nowMs)
    if (session === undefined) return () => undefined
    session.heldCount += 1
    return (releasedAtMs) => {
      session.heldCount -= 1
      session.presentAtMs = Math.max(session.presentAtMs, releasedAtMs)
    }
  }

  /** Ends a session: the broker was fenced for silence or has left. */
  end(id: NodeId): void {
    this.#sessions.delete(id)
    this.ended.ring()
  }

  /** Brings sessions in line with the image: brokers in service have one, and those out of service are not settling. */
  observe(image: MetadataImage, nowMs: number): void {
    for (const broker of image.brokers.values()) {
      if (broker.isFenced) {
        const session = this.#sessions.get(broker.id)
        if (session !== undefined) session.activeSinceMs = undefined
      } else {
        const session = this.#sessionOf(broker, nowMs)
        if (session !== undefined) session.activeSinceMs ??= nowMs
      }
    }
  }

  /** After a stall of this process: nobody could be heard meanwhile, so nobody was silent. */
  forgive(stallMs: number): void {
    for (const session of this.#sessions.values()) {
      session.heardAtMs += stallMs
      session.presentAtMs += stallMs
    }
  }

  /** How long the registration has been silent; 0 without a session. */
  silenceMs(broker: Pick<BrokerRegistration, 'id' | 'epoch'>, nowMs: number): number {
    const session = this.#sessions.get(broker.id)
    return session?.epoch === broker.epoch ? nowMs - session.heardAtMs : 0
  }

  /** How long the registration has had no heartbeat under way here; 0 while one is held, and without a session. */
  absenceMs(broker: Pick<BrokerRegistration, 'id' | 'epoch'>, nowMs: number): number {
    const session = this.#sessions.get(broker.id)
    if (session?.epoch !== broker.epoch || session.heldCount > 0) return 0
    return nowMs - session.presentAtMs
  }

  /** True when its present registration was heard of within the session time. */
  isAlive(id: NodeId, nowMs: number): boolean {
    const session = this.#sessions.get(id)
    return session !== undefined && nowMs - session.heardAtMs < this.#sessionMs
  }

  /** By its last heartbeat. */
  appliedOffsetOf(id: NodeId): Offset | undefined {
    return this.#sessions.get(id)?.appliedOffset
  }

  /** True when it has been in service for `forMs`. */
  isSettled(id: NodeId, nowMs: number, forMs: number): boolean {
    const activeSinceMs = this.#sessions.get(id)?.activeSinceMs
    return activeSinceMs !== undefined && nowMs - activeSinceMs >= forMs
  }

  // A newer epoch is another process: what its predecessor did, or still does, counts for nothing.
  #sessionOf(
    broker: { readonly id: NodeId; readonly epoch: BrokerEpoch },
    nowMs: number,
  ): BrokerSession | undefined {
    const present = this.#sessions.get(broker.id)
    if (present?.epoch === broker.epoch) return present
    if (present !== undefined && present.epoch > broker.epoch) return undefined
    const session: BrokerSession = {
      epoch: broker.epoch,
      heardAtMs: nowMs,
      heldCount: 0,
      presentAtMs: nowMs,
      appliedOffset: undefined,
      activeSinceMs: undefined,
    }
    this.#sessions.set(broker.id, session)
    return session
  }
}
