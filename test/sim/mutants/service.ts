/** Planted bugs between the parts: what a broker counts, what a client sends. */
import { type Mutant } from './mutant.ts'

/** Edits that only a whole cluster notices. */
export const serviceMutants: readonly Mutant[] = [
  {
    // Both are the same unless a leader has lost its role with writes under way and follows the next.
    name: 'the fetch offset acknowledges instead of the durable offset',
    file: 'src/engine/broker/replica-sessions.ts',
    find: 'durableOffset: position.durableOffset,',
    replacement: 'durableOffset: position.fetchOffset,',
    scenario: 'cluster',
    seedCountMax: 100,
  },
]
