/** Who this broker is: the same for the whole life of the process. */
import { type ClusterId, type DirectoryId, type IncarnationId, type NodeId } from '../../base/id.ts'
import { protocolVersions, type Hello } from '../../core/api/hello.ts'
import { type Standing } from './standing.ts'

/** Ids of a broker process. */
export interface BrokerIdentity {
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
  /** Fresh at each start. */
  readonly incarnationId: IncarnationId
}

/** How the broker introduces itself to other nodes. */
export function brokerHello(
  identity: BrokerIdentity,
  standing: Standing,
  directoryIds: readonly DirectoryId[],
): Hello {
  const brokerEpoch = standing.brokerEpoch()
  return {
    clusterId: identity.clusterId,
    protocolMin: protocolVersions.min,
    protocolMax: protocolVersions.max,
    clientId: `broker-${identity.nodeId}`,
    features: [],
    broker: {
      brokerId: identity.nodeId,
      ...(brokerEpoch !== undefined && { brokerEpoch }),
      incarnationId: identity.incarnationId,
      directoryIds,
    },
  }
}
