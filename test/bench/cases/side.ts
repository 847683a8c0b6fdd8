/** The two sides of a comparison: a running cluster and how to put a case's load on it. */
import { type LoadResult } from '../load/spec.ts'
import { type Case } from './cases.ts'

/** How long a run takes. */
export interface Timing {
  readonly warmUpSeconds: number
  readonly seconds: number
  /** Share of a case's counts (consume, end to end) that is done. */
  readonly countShare: number
}

/** One of the two. */
export interface Side {
  readonly name: string
  readonly pids: readonly number[]
  /** Whatever must be there or known before the case can be measured: records to read, a rate. */
  readonly prepare: (load: Case, timing: Timing) => Promise<void>
  /** Measures the case once, on a fresh topic where it writes. */
  readonly measure: (load: Case, timing: Timing) => Promise<LoadResult>
  /** Removes what `prepare` made. */
  readonly finish: (load: Case) => Promise<void>
  readonly close: () => Promise<void>
}

/** How many records a case with a count does at this length. */
export function countOf(recordCount: number, timing: Timing): number {
  return Math.ceil(recordCount * timing.countShare)
}
