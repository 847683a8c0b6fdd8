/** Every planted bug. */
import { controllerMutants } from './controller.ts'
import { idempotenceMutants } from './idempotence.ts'
import { type Mutant } from './mutant.ts'
import { raftMutants } from './raft.ts'
import { replicaMutants } from './replica.ts'
import { serviceMutants } from './service.ts'
import { storageMutants } from './storage.ts'

/** In the order in which they are looked for. */
export const mutants: readonly Mutant[] = [
  ...raftMutants,
  ...storageMutants,
  ...controllerMutants,
  ...replicaMutants,
  ...serviceMutants,
  ...idempotenceMutants,
]
