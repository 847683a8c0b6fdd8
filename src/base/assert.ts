/**
 * Defects: what must hold in correct code and did not. Nobody catches a `Defect`; the process logs
 * its state and exits. Expected answers are values (`core/api/error-code.ts`), never defects.
 */

/** A bug in Sluice itself. Thrown only by `assert` and `unreachable`. */
export class Defect extends Error {
  override readonly name = 'Defect'
}

/** States what must hold; throws a `Defect` with `message` when it does not. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Defect(message)
}

/** Closes a `switch` over a union: the compiler proves that no variant is left. */
export function unreachable(value: never): never {
  throw new Defect(`unreachable: ${JSON.stringify(value)}`)
}

/** The value itself, where the code around proves that it is there; a `Defect` when it is not. */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Defect(`absent: ${what}`)
  return value
}
