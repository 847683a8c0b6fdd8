/**
 * A small seeded random source (sfc32). Each user takes a stream of its own with `fork`, so that a
 * draw added in one place does not shift the draws of another.
 */

/** A deterministic stream of numbers: the same seed and calls give the same values. */
export interface Random {
  /** A number in [0, 1). */
  readonly next: () => number
  /** A whole number in [0, bound). */
  readonly below: (bound: number) => number
  /** True with the given probability. */
  readonly chance: (probability: number) => boolean
  /** An independent stream, named so that its values depend on the seed and the name alone. */
  readonly fork: (name: string) => Random
}

/** The stream of `seed` (any text or number). */
export function seededRandom(seed: string | number): Random {
  const text = String(seed)
  let a = hash(text, 0x9e3779b9)
  let b = hash(text, 0x243f6a88)
  let c = hash(text, 0xb7e15162)
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4294967296
  }
  for (let round = 0; round < 12; round++) next()
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    chance: (probability) => next() < probability,
    fork: (name) => seededRandom(`${text}/${name}`),
  }
}

function hash(text: string, basis: number): number {
  let value = basis
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
    value = (value << 13) | (value >>> 19)
  }
  return value | 0
}
