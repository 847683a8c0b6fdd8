/** What only the active controller's process knows: contact with brokers, and chance. Lost with the role. */
import { type NodeId, type Offset, type TopicId } from '../../base/id.ts'

/** Given to each decision. */
export interface SoftFacts {
  /** The broker's present registration was heard of within its session. */
  readonly isAlive: (id: NodeId) => boolean
  /** How far the broker has applied the metadata log, by its last heartbeat. */
  readonly appliedOffsetOf: (id: NodeId) => Offset | undefined
  /** In service for long enough to be given its leaderships back. */
  readonly isSettled: (id: NodeId) => boolean
  readonly newTopicId: () => TopicId
}
