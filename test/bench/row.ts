/** What a benchmark measures, in the one shape that every suite answers. */

/**
 * One figure. A ratio says how much better than the baseline it is: above 1 is better, of latencies
 * and costs too. `goal` is the ratio that the project asks for, `atLeast` and `atMost` bound the
 * value itself, `floorShare` is the value's share of what the machine does bare in the same run.
 */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly baseline?: number
  readonly ratio?: number
  readonly ratioMin?: number
  readonly ratioMax?: number
  readonly goal?: number
  readonly floorShare?: number
  readonly atLeast?: number
  readonly atMost?: number
}

/** A suite: quick runs are for trying it out, their figures do not count. */
export type Suite = (options: { readonly isQuick: boolean }) => Promise<readonly Row[]>

/** A throughput row passes also at this share of its floor. */
const floorShareEnough = 0.85

/** What is asked of a row and not met; undefined when all is well or nothing is asked. */
export function shortfall(row: Row): string | undefined {
  const { value, ratio, goal, floorShare, atLeast, atMost } = row
  if (atLeast !== undefined && !(value >= atLeast)) return `asked: at least ${atLeast}`
  if (atMost !== undefined && !(value <= atMost)) return `asked: at most ${atMost}`
  if (goal === undefined || (ratio ?? Number.NaN) >= goal) return undefined
  return (floorShare ?? 0) >= floorShareEnough ? undefined : `asked: ${goal}`
}

/** The middle value of some. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN
}

/** With so many digits as anybody can use. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100
}
