/**
 * The one rule for writes that fail: whoever waits for such a write hears of it, and so does the
 * directory, which writes nothing any more.
 */

/** Runs work that writes; its failure is the directory's failure. */
export type Guard = <T>(work: () => Promise<T>) => Promise<T>

/** A guard that tells `failed` before it passes the failure on. */
export function guardWith(failed: (cause: unknown) => void): Guard {
  return async (work) => {
    try {
      return await work()
    } catch (cause) {
      failed(cause)
      throw cause
    }
  }
}
