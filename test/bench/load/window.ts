/** A measured stretch of time: what it cost the load process and the brokers. */
import { cpuSeconds, residentMiB } from '../proc.ts'
import { type LoadResult } from './spec.ts'

/** Starts now. */
export class Window {
  readonly #pids: readonly number[]
  readonly #startedAtMs = performance.now()
  readonly #own = process.cpuUsage()
  readonly #brokers: number

  constructor(brokerPids: readonly number[]) {
    this.#pids = brokerPids
    this.#brokers = cpuSeconds(brokerPids)
  }

  /** Ends now, after so many records. */
  end(recordCount: number): LoadResult {
    const seconds = (performance.now() - this.#startedAtMs) / 1000
    const [broker] = this.#pids
    const { user, system } = process.cpuUsage(this.#own)
    return {
      recordsPerSecond: recordCount / seconds,
      seconds,
      clientCpuSeconds: (user + system) / 1e6,
      brokerCpuSeconds: cpuSeconds(this.#pids) - this.#brokers,
      clientRssMiB: residentMiB(process.pid),
      brokerRssMiB: broker === undefined ? Number.NaN : residentMiB(broker),
    }
  }
}
