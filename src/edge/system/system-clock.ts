/** The host's clocks behind the clock port. */
import { performance } from 'node:perf_hooks'
import { type Clock } from '../../engine/ports/clock.ts'

/** `setTimeout` holds at most 2^31-1 ms; a longer wait is cut to it, 24 days. */
const delayMsMax = 0x7fffffff

/**
 * Monotonic time from `performance`, wall time from `Date`. Timers keep the process alive; a zero
 * delay runs on `setImmediate`, since `setTimeout` rounds it up to a millisecond.
 */
export function systemClock(): Clock {
  return {
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    after: (delayMs, work) => {
      if (delayMs <= 0) {
        const immediate = setImmediate(work)
        return {
          cancel: () => {
            clearImmediate(immediate)
          },
        }
      }
      const timer = setTimeout(work, Math.min(delayMs, delayMsMax))
      return {
        cancel: () => {
          clearTimeout(timer)
        },
      }
    },
  }
}
