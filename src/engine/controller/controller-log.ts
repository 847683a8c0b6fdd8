/** What the controller needs of the quorum; `engine/quorum`'s `Quorum` is one. */
import { type Epoch, type NodeId, type Offset } from '../../base/id.ts'
import { type Bell } from '../runtime/bell.ts'

/** The replicated log under the controller. */
export interface ControllerLog {
  /** Rings after each change of `leadership()` and `activeSince()`. */
  readonly leadershipChanged: Bell
  readonly leadership: () => {
    readonly epoch: Epoch
    readonly leaderId?: NodeId
    readonly isLeader: boolean
  }
  /** The epoch in which this node may decide, and the offset that its image must have reached first. */
  readonly activeSince: () => { readonly epoch: Epoch; readonly offset: Offset } | undefined
  /** Gives up leadership; resolves when `activeSince()` is undefined. */
  readonly resign: () => Promise<void>
  /** Appends one atomic batch; undefined when refused. `committed` is false when its fate is unknown. */
  readonly propose: (batch: {
    readonly epoch: Epoch
    readonly records: readonly Uint8Array[]
  }) => { readonly baseOffset: Offset; readonly committed: Promise<boolean> } | undefined
}
