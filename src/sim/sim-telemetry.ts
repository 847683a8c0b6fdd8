/** The telemetry port of a simulation: keeps the newest lines of all nodes, for the report of a violation. */
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

const linesMax = 400

/** Collects log lines, the newest of them. */
export class SimTelemetry {
  readonly #scheduler: SimScheduler
  readonly #onLine: (line: SimLogLine) => void
  #lines: SimLogLine[] = []

  /** `onLine` sees every line as it is logged. */
  constructor(
    scheduler: SimScheduler,
    options: { readonly onLine: (line: SimLogLine) => void } = { onLine: () => undefined },
  ) {
    this.#scheduler = scheduler
    this.#onLine = options.onLine
  }

  /** The newest lines, oldest first. */
  lines(): readonly SimLogLine[] {
    return this.#lines.slice(-linesMax)
  }

  /** Adds a line of the simulation's own. */
  note(node: string, event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#add({ atMs: this.#scheduler.nowMs(), node, level: 'info', event, fields })
  }

  /** The port of one node. */
  portOf(node: string): Telemetry {
    return {
      log: (level, event, fields = {}) => {
        const line = { atMs: this.#scheduler.nowMs(), node, level, event, fields }
        this.#add(line)
        this.#onLine(line)
      },
    }
  }

  #add(line: SimLogLine): void {
    this.#lines.push(line)
    if (this.#lines.length > linesMax * 2) this.#lines = this.#lines.slice(-linesMax)
  }
}
