/** What a benchmark measures, in the one shape that every suite answers. */

/** One figure. `goal` is what the project asks of it; `atMost` or `atLeast` says which way is good. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly goal?: number
}

/** A suite: quick runs are for trying it out, their figures do not count. */
export type Suite = (options: { readonly isQuick: boolean }) => Promise<readonly Row[]>

/** The middle value of some. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN
}

/** With so many digits as anybody can use. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100
}
