/** The simulations by name, as `npm run sim` and the gate run them. */
import { runClusterSeed } from './cluster/run-cluster-seed.ts'
import { runRaftSeed } from './raft/run-raft-seed.ts'
import { type RunSeed } from './run-seeds.ts'
import { runStorageSeed } from './storage/run-storage-seed.ts'

/** Each simulation. */
export const scenarios = {
  raft: runRaftSeed,
  storage: runStorageSeed,
  cluster: runClusterSeed,
} as const satisfies Record<string, RunSeed>

/** Name of a simulation. */
export type Scenario = keyof typeof scenarios

/** The names, in the order in which they are run. */
export const scenarioNames = Object.keys(scenarios) as readonly Scenario[]
