/**
 * Whatever was started or written and must be gone at the end, also when the run is interrupted:
 * clusters, child processes, folders. Removed in reverse order.
 */

const removals = new Set<() => Promise<void>>()
let isInterrupted = false

/** Keeps a removal in mind; the answer performs it, once. */
export function remember(remove: () => Promise<void>): () => Promise<void> {
  const once = async (): Promise<void> => {
    if (removals.delete(once)) await remove()
  }
  removals.add(once)
  return once
}

/** Removes all that is left. */
export async function removeLeftovers(): Promise<void> {
  for (const remove of [...removals].reverse()) {
    await remove().catch((cause: unknown) => {
      process.stderr.write(`bench: could not clean up: ${String(cause)}\n`)
    })
  }
}

/** From now on an interrupted run cleans up before it ends. */
export function cleanUpOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (isInterrupted) return
      isInterrupted = true
      removeLeftovers().then(
        () => process.exit(130),
        () => process.exit(1),
      )
    })
  }
}
