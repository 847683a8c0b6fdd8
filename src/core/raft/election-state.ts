/** What a node of the quorum must remember of elections, whatever happens to it. */
import { type Epoch, type NodeId } from '../../base/id.ts'
import { type ReplicaKey } from '../api/quorum.ts'

/** Saved, durably, before anything that depends on it leaves the node. */
export interface ElectionState {
  /** The highest epoch seen. */
  readonly epoch: Epoch
  /** The one candidate that got this node's vote in `epoch`. */
  readonly votedFor?: ReplicaKey
  /** The leader of `epoch`, once known: nobody else gets a vote in it. */
  readonly leaderId?: NodeId
}
