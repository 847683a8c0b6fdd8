/** How calls of the SDK wait: until a deadline, at most as long as their signal lets them. */
import { type Clock } from '../ports/clock.ts'
import { SluiceError } from './errors.ts'
import { type CallOptions } from './records.ts'

/** When a call ends, whatever has come of it. */
export interface Deadline {
  /** On the monotonic clock. */
  readonly atMs: number
  readonly signal?: AbortSignal
}

/** The deadline of a call that starts now. */
export function deadlineOf(clock: Clock, options: CallOptions, defaultMs: number): Deadline {
  const atMs = clock.nowMs() + (options.timeoutMs ?? defaultMs)
  return options.signal === undefined ? { atMs } : { atMs, signal: options.signal }
}

/** Milliseconds left, at least `minMs`. */
export function leftMs(clock: Clock, deadline: Deadline, minMs = 0): number {
  return Math.max(minMs, deadline.atMs - clock.nowMs())
}

/** Throws when the call is over: cancelled or out of time. */
export function checkDeadline(clock: Clock, deadline: Deadline, what: string): void {
  if (deadline.signal?.aborted === true) throw cancelled(what, 'refused')
  if (clock.nowMs() >= deadline.atMs) throw timedOut(what, 'refused')
}

/** The work's outcome, or a rejection at the deadline; the work itself goes on. `outcome`: what its early end means. */
export async function before<T>(
  work: Promise<T>,
  deadline: Deadline,
  ending: { readonly clock: Clock; readonly what: string; readonly outcome: 'refused' | 'unknown' },
): Promise<T> {
  const { clock, what, outcome } = ending
  const { signal } = deadline
  return new Promise<T>((resolve, reject) => {
    const finish = (): void => {
      timer?.cancel()
      signal?.removeEventListener('abort', abort)
    }
    const abort = (): void => {
      finish()
      reject(cancelled(what, outcome))
    }
    const timer = Number.isFinite(deadline.atMs)
      ? clock.after(leftMs(clock, deadline), () => {
          finish()
          reject(timedOut(what, outcome))
        })
      : undefined
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted === true) abort()
    work.then(
      (value) => {
        finish()
        resolve(value)
      },
      (cause: unknown) => {
        finish()
        reject(cause instanceof Error ? cause : new Error(String(cause)))
      },
    )
  })
}

/** The error of a call whose signal aborted. */
export function cancelled(what: string, outcome: 'refused' | 'unknown'): SluiceError {
  return new SluiceError('CANCELLED', `${what} was cancelled`, { outcome })
}

/** The error of a call whose time ran out. */
export function timedOut(
  what: string,
  outcome: 'refused' | 'unknown',
  cause?: unknown,
): SluiceError {
  const because = cause instanceof Error ? `: ${cause.message}` : ''
  return new SluiceError('TIMED_OUT', `${what} took too long${because}`, { outcome, cause })
}
