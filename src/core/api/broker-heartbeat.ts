/** A broker's sign of life, on a stream of its own. Source: KIP-631 BrokerHeartbeat. */
import { type BrokerEpoch, type DirectoryId, type NodeId, type Offset } from '../../base/id.ts'

/**
 * Sent again as soon as it is answered, and at once when something changed. Between the two the
 * controller holds it: the open request is the sign of life, and its loss is noticed at once.
 */
export interface BrokerHeartbeatRequest {
  readonly brokerId: NodeId
  readonly brokerEpoch: BrokerEpoch
  /** How far the broker has applied the metadata log. */
  readonly metadataOffset: Offset
  readonly wantsFence: boolean
  readonly wantsShutdown: boolean
  /** How long the controller may hold the answer while it has nothing to say; 0: not at all. */
  readonly waitMsMax: number
  /** Directories that went offline since registration. */
  readonly offlineDirectoryIds: readonly DirectoryId[]
}

/** What the controller thinks of the broker now. */
export interface BrokerHeartbeatResponse {
  readonly isCaughtUp: boolean
  readonly isFenced: boolean
  /** All leadership has been moved away: the broker may stop. */
  readonly mayShutdown: boolean
}
