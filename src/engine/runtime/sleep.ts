/** Waiting on the port clock. */
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
