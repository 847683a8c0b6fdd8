/**
 * Who leads a partition next. Four ways, tried in this order; each is a file of its own:
 *
 *     clean      a member of the ISR (or, when asked for, the preferred replica if it is in it)
 *     eligible   a member of the ELR: has everything below the high watermark (KIP-966)
 *     at risk    all of the last ISR and ELR are back, unclean only by unsynced writes: the longest
 *     unclean    anybody, where the topic allows it: loses records
 */
import { type NodeId } from '../../../base/id.ts'
import { type UncleanReplica } from '../../metadata/image/image.ts'
import { electClean } from './clean.ts'
import { electEligible } from './eligible.ts'
import { electPreferred } from './preferred.ts'
import { electAtRisk, electUnclean } from './unclean.ts'

/** What an election is decided from. */
export interface Ballot {
  readonly replicas: readonly NodeId[]
  /** The present leader; absent when it may not stay or there is none. */
  readonly leader?: NodeId
  /** In the ISR and elr here: who is left after the change under way. */
  readonly isr: readonly NodeId[]
  readonly elr: readonly NodeId[]
  readonly lastKnownElr: readonly NodeId[]
  readonly wantsPreferred: boolean
  readonly allowsUnclean: () => boolean
  readonly isEligible: (replica: NodeId) => boolean
  /** What the broker said of this log when it registered. */
  readonly uncleanLogOf: (replica: NodeId) => UncleanReplica | undefined
}

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
