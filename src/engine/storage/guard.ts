/**
 * The one rule for writes that fail: whoever waits for such a write hears of it, and so does the
 * directory, which starts no other write any more.
 */

/** Runs work that writes, unless a write failed before; its failure is the directory's failure. */
export type Guard = <T>(work: () => Promise<T>) => Promise<T>

/** A guard that tells `failed` before it passes a failure on; `assertSound` throws after the first one. */
export function guardWith(assertSound: () => void, failed: (cause: unknown) => void): Guard {
  return async (work) => {
    assertSound()
    try {
      return await work()
    } catch (cause) {
      failed(cause)
      throw cause
    }
  }
}
