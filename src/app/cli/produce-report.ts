/** What became of the records of one `sluice produce`: counts, reasons, latency. */
import { describeFailure, exitStatus } from './failure.ts'

interface Reason {
  count: number
  readonly message: string
  readonly firstLine: number
  readonly status: number
  readonly isRetriable: boolean
}

/** Why records failed: one sentence a reason, with the code of the worst. */
class ProduceFailure extends Error {
  override readonly name = 'ProduceFailure'
  readonly code: string
  readonly isRetriable: boolean

  constructor(message: string, worst: { readonly code: string; readonly isRetriable: boolean }) {
    super(message)
    this.code = worst.code
    this.isRetriable = worst.isRetriable
  }
}

/** Failures after which going on would only fail the same way. */
const hopeless = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'BROKER_UNREACHABLE',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_ARGUMENT',
])

/** Latencies are kept in steps of 1 %: enough to print percentiles, whatever the count. */
const stepsPerFactor = 100

/** Counts while records are sent. */
export class ProduceReport {
  readonly #timeoutMs: number
  readonly #startedAtMs = performance.now()
  readonly #reasons = new Map<string, Reason>()
  readonly #latencies = new Map<number, number>()
  readonly #waiting: { readonly countMax: number; readonly wake: () => void }[] = []
  #sentCount = 0
  #acknowledgedCount = 0
  #failedCount = 0

  /** `timeoutMs`: the time that the user gave a record. */
  constructor(timeoutMs = Infinity) {
    this.#timeoutMs = timeoutMs
  }

  /** Sends that are neither acknowledged nor failed. */
  get inFlightCount(): number {
    return this.#sentCount - this.#acknowledgedCount - this.#failedCount
  }

  /** True when nothing was ever acknowledged and the reason will not pass. */
  get isHopeless(): boolean {
    return (
      this.#acknowledgedCount === 0 && [...this.#reasons.keys()].some((code) => hopeless.has(code))
    )
  }

  /** A record was handed over. */
  sent(): void {
    this.#sentCount += 1
  }

  /** A record is acknowledged. */
  acknowledged(latencyMs: number): void {
    this.#acknowledgedCount += 1
    const step = Math.round(Math.log2(Math.max(latencyMs, 0.01)) * stepsPerFactor)
    this.#latencies.set(step, (this.#latencies.get(step) ?? 0) + 1)
    this.#wake()
  }

  /** A record failed. */
  failed(cause: unknown, at: { readonly line: number; readonly latencyMs: number }): void {
    this.#failedCount += 1
    const { code, message, status, isRetriable } = describeFailure(cause)
    // It would have been tried again, had there been time.
    const isLate = isRetriable && at.latencyMs >= this.#timeoutMs && code !== 'BROKER_UNREACHABLE'
    const reason = this.#reasons.get(code) ?? {
      ...{ count: 0, message, firstLine: at.line, isRetriable },
      status: isLate ? exitStatus.timedOut : status,
    }
    reason.count += 1
    this.#reasons.set(code, reason)
    this.#wake()
  }

  /** Resolves when at most `countMax` sends are in flight. */
  async settled(countMax: number): Promise<void> {
    if (this.inFlightCount <= countMax) return
    await new Promise<void>((wake) => {
      this.#waiting.push({ countMax, wake })
    })
  }

  /** One line for people. */
  line(): string {
    const { acknowledged, failed, seconds, recordsPerSecond, latencyMs } = this.json()
    const rate = `${recordsPerSecond} records/s over ${seconds} s`
    return `${acknowledged} acknowledged, ${failed} failed, ${rate}, latency p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms`
  }

  /** Why records failed; absent when none did. A time-out only when nothing else went wrong. */
  failure(): ProduceFailure | undefined {
    const reasons = [...this.#reasons]
    const worst =
      reasons.find(([, { status }]) => status === exitStatus.failed) ??
      reasons.find(([, { status }]) => status !== exitStatus.timedOut) ??
      reasons[0]
    if (worst === undefined) return undefined
    const [code, { status, isRetriable }] = worst
    const sentences = reasons.map(
      ([code, { count, message, firstLine }]) =>
        `${count} failed with ${code}, the first in line ${firstLine}: ${message}`,
    )
    return new ProduceFailure(sentences.join(' '), {
      code: status === exitStatus.timedOut ? 'TIMED_OUT' : code,
      isRetriable,
    })
  }

  /** Everything, for programs. */
  json(): {
    readonly acknowledged: number
    readonly failed: number
    readonly failures: readonly object[]
    readonly seconds: number
    readonly recordsPerSecond: number
    readonly latencyMs: { readonly p50: number; readonly p99: number }
  } {
    const seconds = (performance.now() - this.#startedAtMs) / 1000
    return {
      acknowledged: this.#acknowledgedCount,
      failed: this.#failedCount,
      failures: Array.from(this.#reasons, ([code, { count, message, firstLine }]) => ({
        ...{ code, count, message, firstLine },
      })),
      seconds: Math.round(seconds * 1000) / 1000,
      recordsPerSecond: Math.round(this.#acknowledgedCount / seconds),
      latencyMs: { p50: this.#percentile(0.5), p99: this.#percentile(0.99) },
    }
  }

  #percentile(share: number): number {
    let left = this.#acknowledgedCount * share
    for (const [step, count] of [...this.#latencies].sort(([a], [b]) => a - b)) {
      left -= count
      if (left <= 0) return Math.round(2 ** (step / stepsPerFactor) * 100) / 100
    }
    return 0
  }

  #wake(): void {
    const [first] = this.#waiting
    if (first === undefined || this.inFlightCount > first.countMax) return
    this.#waiting.shift()
    first.wake()
  }
}
