/**
 * Waiting for a change of state without polling. The owner of the state rings after each change;
 * waiters look at the state again. A ring that comes between looking and waiting is not missed,
 * because both happen without an `await` between them.
 */
import { type Clock } from '../ports/clock.ts'

/** What ends a wait besides a ring. */
export interface BellWait {
  readonly signal?: AbortSignal
  readonly timeout?: { readonly clock: Clock; readonly ms: number }
}

/** A place to wait for the next ring. */
export class Bell {
  #waiters = new Set<() => void>()

  /** How many wait now. */
  get waiterCount(): number {
    return this.#waiters.size
  }

  /** Wakes everybody who waits now. */
  ring(): void {
    if (this.#waiters.size === 0) return
    const woken = this.#waiters
    this.#waiters = new Set()
    for (const wake of woken) wake()
  }

  /** Resolves at the next ring, at the abort of `signal`, or after `timeoutMs`; the caller looks again. */
  async wait(options: BellWait = {}): Promise<void> {
    await Bell.any([this], options)
  }

  /** As `wait`, at the next ring of any of several bells: one timer and one listener for all. */
  static async any(bells: readonly Bell[], options: BellWait = {}): Promise<void> {
    const { signal, timeout } = options
    if (signal?.aborted === true) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        for (const bell of bells) bell.#waiters.delete(wake)
        timer?.cancel()
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = timeout?.clock.after(timeout.ms, wake)
      signal?.addEventListener('abort', wake, { once: true })
      for (const bell of bells) bell.#waiters.add(wake)
    })
  }

  /** Waits until `holds` is true; false when `signal` aborted or the time ran out first. */
  async until(
    holds: () => boolean,
    options: {
      readonly signal?: AbortSignal
      readonly timeout?: { readonly clock: Clock; readonly ms: number }
    } = {},
  ): Promise<boolean> {
    const { signal, timeout } = options
    const limitAtMs = timeout === undefined ? Infinity : timeout.clock.nowMs() + timeout.ms
    while (!holds()) {
      if (signal?.aborted === true) return false
      if (timeout === undefined) {
        await this.wait(signal === undefined ? {} : { signal })
        continue
      }
      const leftMs = limitAtMs - timeout.clock.nowMs()
      if (leftMs <= 0) return false
      await this.wait({ ...(signal && { signal }), timeout: { clock: timeout.clock, ms: leftMs } })
    }
    return true
  }
}
