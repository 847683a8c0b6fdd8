/**
 * Owns the background work of a part. Work is started by name, its failure is reported once, and
 * `close` aborts what is running and waits for it. Used wherever a promise would otherwise float.
 */
import { type Telemetry } from '../ports/telemetry.ts'

/** What happens when a piece of background work fails. */
export type FailureHandler = (name: string, cause: unknown) => void

/** The background work of one owner. */
export class Lifecycle {
  readonly #telemetry: Telemetry
  readonly #onFailure: FailureHandler
  readonly #abort = new AbortController()
  readonly #running = new Set<Promise<void>>()

  /** `onFailure` is told of failed work besides the log; default: nobody. */
  constructor(telemetry: Telemetry, onFailure: FailureHandler = () => undefined) {
    this.#telemetry = telemetry
    this.#onFailure = onFailure
  }

  /** Aborted by `close`. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** True once `close` was called. */
  get isClosing(): boolean {
    return this.#abort.signal.aborted
  }

  /** Starts work in the background. After `close` it is not started. */
  spawn(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.isClosing) return
    const running: Promise<void> = this.#guard(name, work).finally(() =>
      this.#running.delete(running),
    )
    this.#running.add(running)
  }

  /** Aborts the signal and waits for all work. A second call waits as well. */
  async close(): Promise<void> {
    this.#abort.abort()
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async #guard(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await work(this.#abort.signal)
    } catch (cause) {
      if (this.isClosing) return
      this.#telemetry.log('error', 'background-work-failed', { name, cause })
      this.#onFailure(name, cause)
    }
  }
}
