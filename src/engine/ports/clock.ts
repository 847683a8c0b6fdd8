/**
 * Time as the engine sees it. Monotonic time drives every deadline and lease; wall time is only for
 * timestamps that people and records carry, and may jump.
 */

/** A timer that has not fired yet. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  readonly cancel: () => void
}

/** Source of time and the only way to wait. */
export interface Clock {
  /** Milliseconds since an arbitrary start, never going back; may have a fraction. */
  readonly nowMs: () => number
  /** Milliseconds since the Unix epoch, whole; may jump. */
  readonly wallMs: () => number
  /** Runs `work` once, `delayMs` from now (0: as soon as possible, never synchronously). */
  readonly after: (delayMs: number, work: () => void) => Timer
}
