/** The telemetry port of a simulation: keeps the newest lines of one node, for the report of a violation. */
import { type LogLevel, type Telemetry } from '../engine/ports/telemetry.ts'
import { type SimScheduler } from './sim-scheduler.ts'

/** One line as it was logged. */
export interface SimLogLine {
  readonly atMs: number
  readonly node: string
  readonly level: LogLevel
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Collects log lines, the newest `countMax` of them. */
export class SimTelemetry {
  readonly #scheduler: SimScheduler
  readonly #countMax: number
  #lines: SimLogLine[] = []

  constructor(scheduler: SimScheduler, countMax = 400) {
    this.#scheduler = scheduler
    this.#countMax = countMax
  }

  /** The newest lines, oldest first. */
  lines(): readonly SimLogLine[] {
    return this.#lines.slice(-this.#countMax)
  }

  /** The port of one node. */
  portOf(node: string): Telemetry {
    return {
      log: (level, event, fields = {}) => {
        this.#lines.push({ atMs: this.#scheduler.nowMs(), node, level, event, fields })
        if (this.#lines.length > this.#countMax * 2) this.#lines = this.lines().slice()
      },
    }
  }
}
