/** Planted bugs of the controller: who may lead and who is in the ISR. */
import { type Mutant } from './mutant.ts'

/** One edit each. */
export const controllerMutants: readonly Mutant[] = [
  {
    name: 'a fenced broker stays in the ISR and goes on leading',
    file: 'src/core/controller/replication/eligibility.ts',
    find: 'return broker !== undefined && !broker.isFenced && !broker.inControlledShutdown',
    replacement: 'return broker !== undefined && !broker.inControlledShutdown',
    scenario: 'cluster',
    seedCountMax: 20,
  },
  {
    name: 'a new leader leads under the epoch of the one before',
    file: 'src/core/metadata/delta/apply.ts',
    find: 'leaderEpoch: record.leader === undefined ? rest.leaderEpoch : epochOf(rest.leaderEpoch + 1),',
    replacement: 'leaderEpoch: epochOf(rest.leaderEpoch),',
    scenario: 'cluster',
    seedCountMax: 20,
  },
  {
    name: 'any live replica is elected when the ISR is gone, whatever it misses',
    file: 'src/core/controller/election/unclean.ts',
    find: 'if (!ballot.allowsUnclean()) return undefined',
    replacement: '',
    scenario: 'cluster',
    seedCountMax: 50,
  },
  {
    name: 'replicas stay eligible although the ISR is large enough to commit without them',
    file: 'src/core/controller/replication/plan-change.ts',
    find: 'withIsr.length >= minIsr',
    replacement: 'withIsr.length < 0',
    scenario: 'cluster',
    seedCountMax: 20,
  },
  {
    name: 'a live replica outside the ELR counts as eligible',
    file: 'src/core/controller/election/eligible.ts',
    find: 'elr.includes(replica) && isEligible(replica)',
    replacement: 'isEligible(replica)',
    scenario: 'cluster',
    seedCountMax: 50,
  },
  {
    name: 'a restarted broker keeps its leaderships and its place in every ISR',
    file: 'src/core/controller/cluster/register.ts',
    find: '  endPreviousLife(draft, request, uncleanLogs)\n',
    replacement: '',
    scenario: 'cluster',
    seedCountMax: 20,
  },
]
