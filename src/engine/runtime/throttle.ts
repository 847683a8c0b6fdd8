/** Holds work back to so many bytes a second. */
import { type Clock } from '../ports/clock.ts'
import { sleep } from './sleep.ts'

/** One budget of bytes, shared by whoever takes from it. */
export class Throttle {
  readonly #clock: Clock
  readonly #bytesPerSecond: () => number
  #freeAtMs = 0

  /** `bytesPerSecond` is asked each time, so that it can change meanwhile. */
  constructor(clock: Clock, bytesPerSecond: () => number) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Resolves when what was taken before is paid for, or `signal` aborts. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const nowMs = this.#clock.nowMs()
    const startMs = Math.max(nowMs, this.#freeAtMs)
    this.#freeAtMs = startMs + (bytes * 1000) / this.#bytesPerSecond()
    if (startMs > nowMs) await sleep(this.#clock, startMs - nowMs, signal)
  }
}
