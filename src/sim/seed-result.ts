/** What every scenario of the simulator gives back for one seed. */
import { type Violation } from './checker/history.ts'
import { type SimLogLine } from './sim-telemetry.ts'

/** One seed's verdict. */
export interface SeedResult {
  readonly seed: number
  readonly eventCount: number
  /** Equal for equal histories: a replay of the seed must give it again. */
  readonly traceHash: string
  /** Empty when all rules held. */
  readonly violations: readonly Violation[]
  /** What the seed did, by name: `acknowledged`, `crashes`, … Summed over seeds in the verdict. */
  readonly counts: Readonly<Record<string, number>>
  /** The newest log lines of the nodes, for the report of a violation. */
  readonly log: readonly SimLogLine[]
}
