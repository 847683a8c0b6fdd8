/**
 * What the main job knows: which record was acknowledged where and when, which record was read
 * back. From it alone come the verdicts: lost, duplicated, out of order, longest pauses.
 */

/** Where a record was read. */
export interface ReadRecord {
  readonly partition: number
  readonly offset: number
  readonly index: number
}

/** The audit of a whole run. */
export interface Audit {
  readonly acknowledgedCount: number
  readonly failedCount: number
  /** What the first failed send said; empty when none did. */
  readonly firstFailure: string
  readonly readCount: number
  /** Acknowledged and never read. */
  readonly lostCount: number
  /** Read more than once: a retried batch. */
  readonly duplicateCount: number
  /** First occurrences of a partition that are not in the order of sending. */
  readonly disorderCount: number
  /** Read at another place than the acknowledgement said. */
  readonly misplacedCount: number
}

/** Records of one run, by index. */
export class Ledger {
  readonly #ackedAtMs: Float64Array
  readonly #ackedPartition: Int32Array
  readonly #ackedOffset: Float64Array
  readonly #sentAtMs: Float64Array
  #failedCount = 0
  #firstFailure = ''
  #acknowledgedCount = 0

  constructor(recordCount: number) {
    this.#ackedAtMs = new Float64Array(recordCount).fill(Infinity)
    this.#sentAtMs = new Float64Array(recordCount).fill(Infinity)
    this.#ackedPartition = new Int32Array(recordCount).fill(-1)
    this.#ackedOffset = new Float64Array(recordCount).fill(-1)
  }

  /** How many records are acknowledged so far. */
  get acknowledgedCount(): number {
    return this.#acknowledgedCount
  }

  /** How many sends failed so far. */
  get failedCount(): number {
    return this.#failedCount
  }

  /** A record was handed to the producer. */
  sent(index: number, nowMs: number): void {
    this.#sentAtMs[index] = nowMs
  }

  /** A record was acknowledged. */
  acknowledged(
    index: number,
    at: { readonly partition: number; readonly offset: number; readonly nowMs: number },
  ): void {
    this.#ackedAtMs[index] = at.nowMs
    this.#ackedPartition[index] = at.partition
    this.#ackedOffset[index] = at.offset
    this.#acknowledgedCount += 1
  }

  /** A send ended without an acknowledgement. */
  failed(cause: unknown): void {
    if (this.#failedCount === 0)
      this.#firstFailure = cause instanceof Error ? cause.message : String(cause)
    this.#failedCount += 1
  }

  /** How many were acknowledged from one moment to before another. */
  countBetween(fromMs: number, toMs: number): number {
    return this.#ackedAtMs.reduce(
      (count, atMs) => (atMs >= fromMs && atMs < toMs ? count + 1 : count),
      0,
    )
  }

  /**
   * The longest time, on any partition, that passed without an acknowledgement although a record
   * waited for one; only pauses that lie, in part at least, between the two moments.
   */
  longestPauseMs(fromMs: number, toMs: number): number {
    let longestMs = 0
    for (const acks of this.#byPartition().values()) {
      let lastAckMs = -Infinity
      for (const { sentAtMs, ackedAtMs } of acks) {
        const waitedMs = ackedAtMs - Math.max(lastAckMs, sentAtMs)
        if (ackedAtMs >= fromMs && ackedAtMs - waitedMs < toMs)
          longestMs = Math.max(longestMs, waitedMs)
        lastAckMs = Math.max(lastAckMs, ackedAtMs)
      }
    }
    return longestMs
  }

  /** Compares what was acknowledged with what was read, which must be in offset order per partition. */
  audit(read: readonly ReadRecord[]): Audit {
    const seen = new Set<number>()
    const lastFirst = new Map<number, number>()
    const places = new Set<string>()
    let duplicateCount = 0
    let disorderCount = 0
    for (const { partition, offset, index } of read) {
      places.add(`${partition}/${offset}/${index}`)
      if (seen.has(index)) {
        duplicateCount += 1
        continue
      }
      seen.add(index)
      if (index < (lastFirst.get(partition) ?? -1)) disorderCount += 1
      lastFirst.set(partition, index)
    }
    const acked = Array.from(this.#ackedOffset.keys()).filter(
      (index) => (this.#ackedOffset[index] ?? -1) >= 0,
    )
    return {
      acknowledgedCount: this.#acknowledgedCount,
      failedCount: this.#failedCount,
      firstFailure: this.#firstFailure,
      readCount: read.length,
      lostCount: acked.filter((index) => !seen.has(index)).length,
      duplicateCount,
      disorderCount,
      misplacedCount: acked.filter((index) => !places.has(this.#placeOf(index))).length,
    }
  }

  #placeOf(index: number): string {
    return `${this.#ackedPartition[index] ?? -1}/${this.#ackedOffset[index] ?? -1}/${index}`
  }

  #byPartition(): Map<number, { sentAtMs: number; ackedAtMs: number }[]> {
    const partitions = new Map<number, { sentAtMs: number; ackedAtMs: number }[]>()
    this.#ackedAtMs.forEach((ackedAtMs, index) => {
      if (ackedAtMs === Infinity) return
      const partition = this.#ackedPartition[index] ?? -1
      const acks = partitions.get(partition) ?? []
      acks.push({ sentAtMs: this.#sentAtMs[index] ?? ackedAtMs, ackedAtMs })
      partitions.set(partition, acks)
    })
    for (const acks of partitions.values()) acks.sort((a, b) => a.ackedAtMs - b.ackedAtMs)
    return partitions
  }
}
