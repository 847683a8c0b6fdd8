/** Long synchronous work in slices, so that the event loop gets to everything else in between. */
import { type Clock } from '../ports/clock.ts'
import { sleep } from './sleep.ts'

/** With the pauses of the work that is run, at most 5 ms. */
const sliceMsMax = 4

/** Runs generators to their end, and lets others go on after each few milliseconds of them. */
export class Turns {
  readonly #clock: Clock
  #sinceMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceMs = clock.nowMs()
  }

  /** The result of a walk that yields often. */
  async walk<T>(steps: Generator<undefined, T>): Promise<T> {
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
      await this.pause()
    }
  }

  /** Ends the slice if it is long enough. */
  async pause(): Promise<void> {
    if (this.#clock.nowMs() - this.#sinceMs < sliceMsMax) return
    await sleep(this.#clock, 0)
    this.#sinceMs = this.#clock.nowMs()
  }
}
