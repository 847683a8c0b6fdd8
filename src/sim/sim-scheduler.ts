/**
 * The one thread of a simulation: a heap of events under virtual time. After each event every
 * microtask runs to its end before the next event starts, so between two events no code of any node
 * is under way. Who runs next among equals is drawn from the seed.
 *
 * Invariants:
 * - virtual time never goes back;
 * - the same seed and the same work give the same sequence of events, hence the same trace hash,
 *   whichever way microtasks are drained;
 * - nothing outside resolves a promise of the simulation.
 */
import { Defect } from '../base/assert.ts'
import { Heap } from '../base/heap.ts'
import { type Random, seededRandom } from '../base/random.ts'
import { type Timer } from '../engine/ports/clock.ts'
import { trapGlobals } from './trap-globals.ts'

/** What the simulation needs of the program that runs it; `sim/` itself sees no host types. */
export interface SimHost {
  /** Runs work in a macrotask of its own (`setImmediate`). */
  readonly immediate: (work: () => void) => void
  /** Runs all waiting microtasks now; absent: the scheduler yields to `immediate` after each event. */
  readonly drain?: () => void
}

/** Bounds of one run; exceeding one is a `SimStuck`. */
export interface RunLimits {
  /** Default 20 million. */
  readonly eventCountMax?: number
  /** Virtual time, counted from the start of the run. Default: none. */
  readonly virtualMsMax?: number
}

/** The work did not finish: nothing is left to happen, or a limit was reached. */
export class SimStuckError extends Error {
  override readonly name = 'SimStuckError'
}

interface Scheduled {
  readonly atMs: number
  readonly tie: number
  readonly sequence: number
  work: (() => void) | undefined
}

interface Settled<T> {
  outcome?: { readonly value: T } | { readonly cause: unknown }
}

const eventsPerSlice = 50_000

/**
 * Virtual time moves in steps of this, in ms: a power of two, so that sums and differences of times
 * are exact and a wait for an instant never ends before it.
 */
export const tickMs = 1 / 1024

/** Virtual time and the order of everything. */
export class SimScheduler {
  /** The root of all chance in this simulation; fork it by name. */
  readonly random: Random
  readonly #host: SimHost
  readonly #ties: Random
  readonly #heap = new Heap<Scheduled>(isBefore)
  readonly #observers: (() => void)[] = []
  #nowMs = 0
  #sequence = 0
  #eventCount = 0
  #hashHigh = 0x2545f491
  #hashLow = 0x9e3779b9 | 0

  constructor(options: { readonly seed: string | number; readonly host: SimHost }) {
    this.random = seededRandom(options.seed)
    this.#ties = this.random.fork('ties')
    this.#host = options.host
  }

  /** Virtual milliseconds since the start. */
  nowMs(): number {
    return this.#nowMs
  }

  /** Events run so far. */
  eventCount(): number {
    return this.#eventCount
  }

  /** Runs `work` `delayMs` from now, never synchronously. */
  after(delayMs: number, work: () => void): Timer {
    const event: Scheduled = {
      atMs: this.#nowMs + Math.ceil(Math.max(0, delayMs) / tickMs) * tickMs,
      tie: this.#ties.below(0x40000000),
      sequence: this.#sequence++,
      work,
    }
    this.#heap.push(event)
    return {
      cancel: () => {
        event.work = undefined
      },
    }
  }

  /** Calls `observe` after each event, when all microtasks have run; what it throws ends the run. */
  afterEachEvent(observe: () => void): void {
    this.#observers.push(observe)
  }

  /** Folds a fact into the trace hash. */
  trace(fact: string | number): void {
    if (typeof fact === 'number') {
      this.#fold(fact | 0)
      this.#fold(Math.trunc((fact % 1) * 0x40000000))
      return
    }
    for (let index = 0; index < fact.length; index++) this.#fold(fact.charCodeAt(index))
  }

  /** 16 hex digits: equal for equal histories. */
  traceHash(): string {
    const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
    return hex(this.#hashHigh) + hex(this.#hashLow)
  }

  /** Starts `work` inside the simulation and runs events until it has settled. */
  async run<T>(work: () => Promise<T>, limits: RunLimits = {}): Promise<T> {
    const settled: Settled<T> = {}
    const eventEnd = this.#eventCount + (limits.eventCountMax ?? 20_000_000)
    const endAtMs = this.#nowMs + (limits.virtualMsMax ?? Infinity)
    await new Promise<void>((resolve, reject) => {
      const slice = (first: boolean): void => {
        const release = trapGlobals()
        try {
          if (first) watch(work, settled)
          if (this.#slice(settled, eventEnd, endAtMs, first)) resolve()
          else
            this.#host.immediate(() => {
              slice(false)
            })
        } catch (cause) {
          reject(cause instanceof Error ? cause : new Error(String(cause)))
        } finally {
          release()
        }
      }
      this.#host.immediate(() => {
        slice(true)
      })
    })
    const outcome = settled.outcome
    if (outcome === undefined) throw new Defect('run ended without an outcome')
    if ('cause' in outcome) throw outcome.cause
    return outcome.value
  }

  #slice(settled: Settled<unknown>, eventEnd: number, endAtMs: number, first: boolean): boolean {
    const drain = this.#host.drain
    if (drain === undefined) {
      if (first) return false // the work's own first microtasks come before the first event
      return this.#settledOrNext(settled, eventEnd, endAtMs)
    }
    drain()
    for (let count = 0; count < eventsPerSlice; count++) {
      if (this.#settledOrNext(settled, eventEnd, endAtMs)) return true
      drain()
    }
    return false
  }

  /** True when the work has settled; else one event was run. */
  #settledOrNext(settled: Settled<unknown>, eventEnd: number, endAtMs: number): boolean {
    if (this.#eventCount > 0) for (const observe of this.#observers) observe()
    if (settled.outcome !== undefined) return true
    const event = this.#next()
    if (event === undefined) throw new SimStuckError('nothing is left to happen')
    if (this.#eventCount >= eventEnd)
      throw new SimStuckError(`not done after ${this.#eventCount} events`)
    if (event.atMs > endAtMs) throw new SimStuckError(`not done at ${endAtMs} ms of virtual time`)
    this.#nowMs = event.atMs
    this.#eventCount += 1
    this.#fold(event.sequence)
    this.#fold(Math.trunc(event.atMs * 1024))
    event.work?.()
    return false
  }

  #next(): Scheduled | undefined {
    for (;;) {
      const event = this.#heap.pop()
      if (event === undefined || event.work !== undefined) return event
    }
  }

  #fold(value: number): void {
    this.#hashLow = Math.imul(this.#hashLow ^ value, 0x85ebca6b)
    this.#hashLow ^= this.#hashLow >>> 15
    this.#hashHigh = Math.imul(this.#hashHigh ^ value, 0xc2b2ae35)
    this.#hashHigh ^= this.#hashHigh >>> 13
  }
}

function isBefore(left: Scheduled, right: Scheduled): boolean {
  if (left.atMs !== right.atMs) return left.atMs < right.atMs
  if (left.tie !== right.tie) return left.tie < right.tie
  return left.sequence < right.sequence
}

function watch<T>(work: () => Promise<T>, settled: Settled<T>): void {
  work().then(
    (value) => {
      settled.outcome = { value }
    },
    (cause: unknown) => {
      settled.outcome = { cause }
    },
  )
}
