/**
 * What a simulation needs of Node: a macrotask of its own, and V8's microtask checkpoint, which runs
 * all waiting microtasks at once (7 to 11 million drains a second; one `setImmediate` an event
 * reaches 59 000). Called inside a running microtask the checkpoint does nothing, hence the
 * macrotask. Taken at load, before a simulation traps the globals.
 */
import v8 from 'node:v8'

const immediate = setImmediate

/** The host of `SimScheduler`. `isFast: false` leaves the checkpoint out: slower, same trace hash. */
export function openSimHost(options: { readonly isFast: boolean } = { isFast: true }): {
  readonly immediate: (work: () => void) => void
  readonly drain?: () => void
} {
  const run = (work: () => void): void => {
    immediate(work)
  }
  if (!options.isFast) return { immediate: run }
  v8.setFlagsFromString('--allow-natives-syntax')
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the only way to V8's checkpoint
    const checkpoint = new Function('%PerformMicrotaskCheckpoint()')
    return {
      immediate: run,
      drain: () => {
        Reflect.apply(checkpoint, undefined, [])
      },
    }
  } finally {
    v8.setFlagsFromString('--no-allow-natives-syntax')
  }
}
