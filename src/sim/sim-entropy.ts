/** The entropy port under a seed. */
import { type Random } from '../base/random.ts'
import { uuidFromBytes } from '../base/uuid.ts'
import { type Entropy } from '../engine/ports/entropy.ts'

/** Chance from one seeded stream. */
export function simEntropy(random: Random): Entropy {
  return {
    random: random.next,
    uuid: () => uuidFromBytes(Uint8Array.from({ length: 16 }, () => random.below(256))),
  }
}
