/**
 * One life of a simulated process. All its ports schedule through it, so that a killed process
 * never hears of anything again (its promises stay open and are forgotten) and a paused one hears of
 * everything late, in order, when it is resumed.
 */
import { type Random } from '../base/random.ts'
import { type Clock, type Timer } from '../engine/ports/clock.ts'
import { type SimScheduler, tickMs } from './sim-scheduler.ts'

/** Runs, paused or dead. */
export class SimProcess {
  readonly name: string
  /** Chance of this life. */
  readonly random: Random
  readonly scheduler: SimScheduler
  readonly #whenKilled: (() => void)[] = []
  #isAlive = true
  #held: (() => void)[] | undefined

  constructor(options: {
    readonly name: string
    readonly random: Random
    readonly scheduler: SimScheduler
  }) {
    this.name = options.name
    this.random = options.random
    this.scheduler = options.scheduler
  }

  /** False once it was killed. */
  get isAlive(): boolean {
    return this.#isAlive
  }

  /** True between `pause` and `resume`. */
  get isPaused(): boolean {
    return this.#held !== undefined
  }

  /** Runs `work` in this process after `delayMs`, unless it is dead by then. */
  after(delayMs: number, work: () => void): Timer {
    return this.scheduler.after(delayMs, () => {
      this.enter(work)
    })
  }

  /** Runs `work` in this process now; when it is resumed, if it is paused; never, if it is dead. */
  enter(work: () => void): void {
    if (!this.#isAlive) return
    if (this.#held === undefined) work()
    else this.#held.push(work)
  }

  /** Runs `clean` when this life ends: locks fall, connections break. */
  whenKilled(clean: () => void): void {
    this.#whenKilled.push(clean)
  }

  /** Ends this life at once, as `kill -9` does. */
  kill(): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    this.#held = undefined
    for (const clean of this.#whenKilled) clean()
  }

  /** Stops it where it is, as SIGSTOP does. */
  pause(): void {
    if (this.#isAlive) this.#held ??= []
  }

  /** Lets it go on: everything that came meanwhile happens now, in order. */
  resume(): void {
    const held = this.#held
    this.#held = undefined
    // Events of one instant have no order.
    held?.forEach((work, index) => this.after(index * tickMs, work))
  }
}

/** The clock port of a process: the scheduler's time; the wall clock is off by a fixed skew. */
export function simClock(process: SimProcess, wallSkewMs = 0): Clock {
  const wallStartMs = 1_767_225_600_000 + wallSkewMs
  return {
    nowMs: () => process.scheduler.nowMs(),
    wallMs: () => Math.floor(wallStartMs + process.scheduler.nowMs()),
    after: (delayMs, work) => cancellable(process, delayMs, work),
  }
}

/** A timer that fired but is held by a pause must still be cancellable. */
function cancellable(process: SimProcess, delayMs: number, work: () => void): Timer {
  let isCancelled = false
  const timer = process.after(delayMs, () => {
    if (!isCancelled) work()
  })
  return {
    cancel: () => {
      isCancelled = true
      timer.cancel()
    },
  }
}
