/** A broker's sign of life, on a stream of its own. Source: KIP-631 BrokerHeartbeat. */
import { type BrokerEpoch, type DirectoryId, type NodeId, type Offset } from '../../base/id.ts'

/** Sent every `broker.heartbeat.interval.ms`, and at once when something changed. */
export interface BrokerHeartbeatRequest {
  readonly brokerId: NodeId
  readonly brokerEpoch: BrokerEpoch
  /** How far the broker has applied the metadata log. */
  readonly metadataOffset: Offset
  readonly wantsFence: boolean
  readonly wantsShutdown: boolean
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
