/** Back-off between tries: exponential, with full jitter on the upper half, bounded. */
import { type Entropy } from '../ports/entropy.ts'

/** Shape of the pauses. */
export interface BackoffShape {
  readonly initialMs: number
  readonly maxMs: number
}

/** Counts failures in a row and says how long to pause. */
export class Backoff {
  readonly #shape: BackoffShape
  readonly #entropy: Entropy
  #failureCount = 0

  constructor(shape: BackoffShape, entropy: Entropy) {
    this.#shape = shape
    this.#entropy = entropy
  }

  /** How many failures since the last success. */
  get failureCount(): number {
    return this.#failureCount
  }

  /** The pause after one more failure: between half and all of the doubled step. */
  nextMs(): number {
    const stepMs = Math.min(
      this.#shape.maxMs,
      this.#shape.initialMs * 2 ** Math.min(this.#failureCount, 20),
    )
    this.#failureCount += 1
    return stepMs / 2 + (this.#entropy.random() * stepMs) / 2
  }

  /** After a success: the next pause is short again. */
  reset(): void {
    this.#failureCount = 0
  }
}
