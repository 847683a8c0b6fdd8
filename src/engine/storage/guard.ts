/**
 * What is done about writes that fail. Whoever waits for one hears of it, and so does the directory,
 * which starts no other write any more.
 */
import { type File } from '../ports/file-store.ts'

/** Runs work that writes, unless a write failed before; its failure is the directory's failure. */
export type Guard = <T>(work: () => Promise<T>) => Promise<T>

/** Makes a new file ready; it is closed when that fails, since nobody else knows of it yet. */
export async function closeOnFailure(file: File, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    await file.close().catch(() => undefined) // the first failure is the one to tell
    throw cause
  }
}

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
