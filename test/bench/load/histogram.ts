/**
 * Latencies in buckets 1.6 % wide, so that a run of any length takes the same memory. Whoever offers
 * load at a rate records from the time a record was due, not from when the program got round to it:
 * a stall then counts for every record that it delayed (coordinated omission).
 */

/** What is quoted of a distribution, in ms. */
export interface Percentiles {
  readonly count: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

const bucketsPerOctave = 44
const leastMs = 0.001
const bucketCount = bucketsPerOctave * 32

/** Counts of latencies, by bucket. */
export class Histogram {
  readonly #counts = new Float64Array(bucketCount)
  #count = 0
  #sumMs = 0
  #maxMs = 0

  /** Takes one latency, or `count` equal ones. */
  record(ms: number, count = 1): void {
    const octaves = Math.log2(Math.max(ms, leastMs) / leastMs)
    const bucket = Math.min(bucketCount - 1, Math.floor(octaves * bucketsPerOctave))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
    this.#count += count
    this.#sumMs += ms * count
    this.#maxMs = Math.max(this.#maxMs, ms)
  }

  /** Forgets all. */
  clear(): void {
    this.#counts.fill(0)
    this.#count = 0
    this.#sumMs = 0
    this.#maxMs = 0
  }

  /** The latency that a share of all stayed within. */
  at(share: number): number {
    const wanted = Math.ceil(this.#count * share)
    let seen = 0
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= wanted && seen > 0) {
        return Math.min(this.#maxMs, leastMs * 2 ** ((bucket + 1) / bucketsPerOctave))
      }
    }
    return 0
  }

  /** What is quoted of it. */
  percentiles(): Percentiles {
    return {
      count: this.#count,
      meanMs: this.#count === 0 ? 0 : this.#sumMs / this.#count,
      p50Ms: this.at(0.5),
      p99Ms: this.at(0.99),
      p999Ms: this.at(0.999),
      maxMs: this.#maxMs,
    }
  }

  /** How many took more than one power of two of ms and at most the next: what a note shows of stalls. */
  byPowerOfTwo(): readonly { readonly atMostMs: number; readonly count: number }[] {
    const octaves = new Map<number, number>()
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      const count = this.#counts[bucket] ?? 0
      if (count === 0) continue
      const octave = Math.ceil(Math.log2(leastMs) + (bucket + 1) / bucketsPerOctave)
      octaves.set(octave, (octaves.get(octave) ?? 0) + count)
    }
    return Array.from(octaves, ([octave, count]) => ({ atMostMs: 2 ** octave, count }))
  }
}
