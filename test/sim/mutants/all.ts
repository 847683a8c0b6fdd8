/** Every planted bug. */
import { type Mutant } from './mutant.ts'

/** In the order in which they are looked for. */
export const mutants: readonly Mutant[] = []
