/** Limits on waiting, on the port clock. */
import { type Clock } from '../ports/clock.ts'

/** Resolves after `ms`, or early when `signal` aborts. */
export async function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      timer.cancel()
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = clock.after(ms, wake)
    signal?.addEventListener('abort', wake, { once: true })
  })
}

/** The outcome of `work`, or a rejection with `late()` when it takes longer than `ms`; the work itself goes on. */
export async function within<T>(
  work: Promise<T>,
  limit: { readonly clock: Clock; readonly ms: number; readonly late: () => Error },
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = limit.clock.after(limit.ms, () => {
      reject(limit.late())
    })
    work.then(
      (value) => {
        timer.cancel()
        resolve(value)
      },
      (cause: unknown) => {
        timer.cancel()
        reject(cause instanceof Error ? cause : new Error(String(cause)))
      },
    )
  })
}
