/**
 * One timer for the core's next deadline. Deadlines mostly move later (each fetch pushes the silence
 * out), so a timer that is armed early is left alone: it fires, finds nothing due and is armed again.
 * That costs a timer a second where re-arming would cost one an event.
 */
import { type Clock, type Timer } from '../ports/clock.ts'

/** Deadlines are never closer than this: an idle node must not spin. */
const pauseMsMin = 1

/** Wakes its owner at the earliest deadline that it was told of. */
export class Wakeup {
  readonly #clock: Clock
  readonly #wake: () => void
  #armed: { readonly atMs: number; readonly timer: Timer } | undefined
  #isClosed = false

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  /** The next deadline is at `atMs`; `Infinity`: there is none. */
  at(atMs: number): void {
    if (this.#isClosed || atMs === Infinity) return
    if (this.#armed !== undefined && this.#armed.atMs <= atMs) return
    this.#armed?.timer.cancel()
    const delayMs = Math.max(pauseMsMin, atMs - this.#clock.nowMs())
    const timer = this.#clock.after(delayMs, () => {
      this.#armed = undefined
      if (!this.#isClosed) this.#wake()
    })
    this.#armed = { atMs, timer }
  }

  /** Wakes nobody any more. */
  close(): void {
    this.#isClosed = true
    this.#armed?.timer.cancel()
  }
}
