/**
 * Serial work for one machine. Messages that arrive while a run is under way wait and are handed
 * over together at the next one, so group commit falls out of the shape. One run at a time.
 */

/** A bounded queue in front of one machine. */
export class Mailbox<T> {
  readonly #perform: (messages: readonly T[]) => Promise<void>
  readonly #countMax: number
  #waiting: T[] = []
  #running: Promise<void> | undefined
  #failure: { readonly cause: unknown } | undefined

  /** `perform` handles all waiting messages in order; if it rejects, the mailbox accepts nothing more. */
  constructor(options: {
    readonly countMax: number
    readonly perform: (messages: readonly T[]) => Promise<void>
  }) {
    this.#perform = options.perform
    this.#countMax = options.countMax
  }

  /** How many messages wait. */
  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Adds a message; false when the mailbox is full or has failed, and then nothing happens. */
  post(message: T): boolean {
    if (this.#failure !== undefined || this.#waiting.length >= this.#countMax) return false
    this.#waiting.push(message)
    this.#running ??= this.#drain()
    return true
  }

  /** Resolves when nothing waits or runs; rejects with the cause when a run failed. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
    if (this.#failure !== undefined) throw this.#failure.cause
  }

  async #drain(): Promise<void> {
    await Promise.resolve()
    try {
      while (this.#waiting.length > 0) {
        const messages = this.#waiting
        this.#waiting = []
        await this.#perform(messages)
      }
    } catch (cause) {
      this.#failure = { cause }
      this.#waiting = []
    } finally {
      this.#running = undefined
    }
  }
}
