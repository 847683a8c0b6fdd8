/**
 * Deadlines of the requests in flight on one stream. One timer for all of them, armed for the
 * earliest: with time-outs of half a minute and thousands of requests a second a timer of each would
 * cost more than the request. Both sides of the wire use it.
 */
import type { Clock, Timer } from '../../engine/ports/clock.ts'

/** Something with a deadline on the monotonic clock. */
interface Waiting {
  readonly deadlineAtMs: number
}

/** The requests in flight by correlation id, each of which is handed out once when its time is over. */
export class Deadlines<T extends Waiting> {
  readonly #clock: Clock
  readonly #expire: (id: number, item: T) => void
  readonly #items = new Map<number, T>()
  #timer: Timer | undefined
  #timerAtMs = Infinity

  constructor(clock: Clock, expire: (id: number, item: T) => void) {
    this.#clock = clock
    this.#expire = expire
  }

  /** How many are in flight. */
  get size(): number {
    return this.#items.size
  }

  /** True when a request of this id is in flight. */
  has(id: number): boolean {
    return this.#items.has(id)
  }

  /** Adds a request; its id must not be in flight. */
  add(id: number, item: T): void {
    this.#items.set(id, item)
    if (item.deadlineAtMs < this.#timerAtMs) this.#arm(item.deadlineAtMs)
  }

  /** Takes a request out, if it is still there. */
  take(id: number): T | undefined {
    const item = this.#items.get(id)
    if (item !== undefined) this.#items.delete(id)
    return item
  }

  /** Takes all out and stops the timer. */
  takeAll(): readonly T[] {
    const items = [...this.#items.values()]
    this.#items.clear()
    this.#disarm()
    return items
  }

  /** Stops the timer. */
  close(): void {
    this.#disarm()
  }

  #arm(atMs: number): void {
    this.#timer?.cancel()
    this.#timerAtMs = atMs
    this.#timer = this.#clock.after(Math.max(0, atMs - this.#clock.nowMs()), () => {
      this.#sweep()
    })
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#timerAtMs = Infinity
  }

  #sweep(): void {
    this.#disarm()
    const nowMs = this.#clock.nowMs()
    let nextAtMs = Infinity
    const expired: [number, T][] = []
    for (const [id, item] of this.#items) {
      if (item.deadlineAtMs <= nowMs) expired.push([id, item])
      else if (item.deadlineAtMs < nextAtMs) nextAtMs = item.deadlineAtMs
    }
    if (nextAtMs !== Infinity) this.#arm(nextAtMs)
    for (const [id, item] of expired) {
      if (this.#items.delete(id)) this.#expire(id, item)
    }
  }
}
