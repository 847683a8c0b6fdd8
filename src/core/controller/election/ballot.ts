/** What the ways of electing a leader look at. */
import { type NodeId } from '../../../base/id.ts'
import { type UncleanReplica } from '../../metadata/image/image.ts'

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
