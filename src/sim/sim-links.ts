/**
 * The wires between simulated hosts. A message takes a random time; what is sent in one lane arrives
 * in its order, as on one TCP stream. A cut direction holds messages back, as TCP's retransmission
 * does, until it is healed.
 */
import { type Random } from '../base/random.ts'
import { type SimScheduler, tickMs } from './sim-scheduler.ts'

/** One ordered stream of messages in one direction; the links keep its latest arrival here. */
export interface Lane {
  readonly from: string
  readonly to: string
  lastAtMs: number
}

/** How slow the wires are. */
export interface LinkDelays {
  /** Usual time of a message, in ms; it varies between half and one and a half of it. */
  readonly usualMs: number
  /** Share of messages that take long. */
  readonly slowChance: number
  /** How long those take at most, in ms. */
  readonly slowMsMax: number
}

/** Delays, cuts and heals. */
export class SimLinks {
  delays: LinkDelays = { usualMs: 0.2, slowChance: 0, slowMsMax: 0 }
  readonly #scheduler: SimScheduler
  readonly #random: Random
  readonly #held = new Map<string, { readonly lane: Lane; readonly arrive: () => void }[]>()

  constructor(scheduler: SimScheduler) {
    this.#scheduler = scheduler
    this.#random = scheduler.random.fork('links')
  }

  /** Whether messages from one host to the other get through now. */
  isOpen(from: string, to: string): boolean {
    return !this.#held.has(`${from}>${to}`)
  }

  /** Holds back everything from one host to another. */
  cut(from: string, to: string): void {
    const key = `${from}>${to}`
    if (!this.#held.has(key)) this.#held.set(key, [])
  }

  /** Lets it through again, what was held first. */
  heal(from: string, to: string): void {
    const key = `${from}>${to}`
    const held = this.#held.get(key)
    if (held === undefined) return
    this.#held.delete(key)
    for (const { lane, arrive } of held) this.transmit(lane, arrive)
  }

  /** Heals every direction. */
  healAll(): void {
    for (const key of [...this.#held.keys()]) {
      const [from = '', to = ''] = key.split('>')
      this.heal(from, to)
    }
  }

  /** Calls `arrive` when the message gets there, after those before it in its lane. */
  transmit(lane: Lane, arrive: () => void): void {
    const nowMs = this.#scheduler.nowMs()
    const delayMs = Math.ceil(this.#delayMs(lane) / tickMs) * tickMs
    lane.lastAtMs = Math.max(lane.lastAtMs + tickMs, nowMs + delayMs)
    this.#scheduler.after(lane.lastAtMs - nowMs, () => {
      const held = this.#held.get(`${lane.from}>${lane.to}`)
      if (held === undefined) arrive()
      else held.push({ lane, arrive })
    })
  }

  #delayMs(lane: Lane): number {
    const { usualMs, slowChance, slowMsMax } = this.delays
    const isSlow = lane.from !== lane.to && this.#random.chance(slowChance)
    return isSlow ? this.#random.next() * slowMsMax : usualMs * (0.5 + this.#random.next())
  }
}
