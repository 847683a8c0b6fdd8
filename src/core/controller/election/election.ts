/**
 * Who leads a partition next. Four ways, tried in this order; each is a file of its own:
 *
 *     clean      a member of the ISR (or, when asked for, the preferred replica if it is in it)
 *     eligible   a member of the ELR: has everything below the high watermark (KIP-966)
 *     at risk    all of the last ISR and ELR are back, none of them corrupt: the longest
 *     unclean    anybody, where the topic allows it: loses records
 */
import { type NodeId } from '../../../base/id.ts'
import { type Ballot } from './ballot.ts'
import { electClean } from './clean.ts'
import { electEligible } from './eligible.ts'
import { electPreferred } from './preferred.ts'
import { electAtRisk, electUnclean } from './unclean.ts'

/** The winner, and whether committed records may be lost by it. */
export interface Elected {
  readonly leader: NodeId
  readonly isUnclean: boolean
}

/** The next leader, or undefined while nobody can be. */
export function elect(ballot: Ballot): Elected | undefined {
  const safe = electPreferred(ballot) ?? electClean(ballot) ?? electEligible(ballot)
  if (safe !== undefined) return { leader: safe, isUnclean: false }
  const risky = electAtRisk(ballot) ?? electUnclean(ballot)
  return risky === undefined ? undefined : { leader: risky, isUnclean: true }
}
