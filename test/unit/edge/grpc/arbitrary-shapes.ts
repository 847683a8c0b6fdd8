/** Shapes that arbitrary messages are made of. */
import fc from 'fast-check'

/** A record whose optional fields are now there and now not. */
export function maybe<T, K extends keyof T>(
  model: { [P in keyof T]: fc.Arbitrary<T[P]> },
  optional: readonly K[],
): fc.Arbitrary<Omit<T, K> & Partial<Pick<T, K>>> {
  const keys = Object.keys(model) as (keyof T)[]
  const requiredKeys = keys.filter((key) => !optional.includes(key as K))
  return fc.record(model, { requiredKeys })
}

/** A short list. */
export const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(item, { maxLength: 4 })
