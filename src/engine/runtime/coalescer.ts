/**
 * Work that serves everybody who asked before it started: one run at a time, and everyone who comes
 * while it runs is served by the next. For syncs and marks, where one act covers many callers.
 */

/** Runs one piece of work for many callers. */
export class Coalescer {
  readonly #work: () => Promise<void>
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** Resolves when a run that started after this call is done; rejects with that run's failure. */
  async run(): Promise<void> {
    if (this.#next !== undefined) return this.#next
    if (this.#running === undefined) return this.#start()
    this.#next = this.#after(this.#running)
    return this.#next
  }

  async #after(running: Promise<void>): Promise<void> {
    try {
      await running
    } catch {
      // Told to those who asked for it; the next run is for others.
    }
    this.#next = undefined
    return this.#start()
  }

  async #start(): Promise<void> {
    const running = this.#work()
    this.#running = running
    try {
      await running
    } finally {
      if (this.#running === running) this.#running = undefined
    }
  }
}
