/** Whether a Hello is taken: the cluster must be the same, and there must be a version that both speak. */
import { type Outcome, refuse } from '../../core/api/error-code.ts'
import { type Hello, type HelloAnswer, protocolVersions } from '../../core/api/hello.ts'
import type { ClusterId, NodeId } from '../../base/id.ts'

/** Who answers. */
export interface Answerer {
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
}

/** The answer to a Hello. */
export function greet(hello: Hello, { clusterId, nodeId }: Answerer): Outcome<HelloAnswer> {
  if (hello.clusterId !== undefined && hello.clusterId !== clusterId) {
    const sentence =
      `Node ${nodeId} belongs to cluster ${clusterId}, the caller to ${hello.clusterId}: ` +
      'check the address, or the directory that the caller was formatted with.'
    return refuse('INCONSISTENT_CLUSTER_ID', sentence)
  }
  const protocol = Math.min(hello.protocolMax, protocolVersions.max)
  if (protocol < Math.max(hello.protocolMin, protocolVersions.min)) {
    const sentence =
      `Node ${nodeId} speaks protocol ${protocolVersions.min} to ${protocolVersions.max}, ` +
      `the caller ${hello.protocolMin} to ${hello.protocolMax}: upgrade the older of the two.`
    return refuse('UNSUPPORTED_VERSION', sentence)
  }
  return { ok: true, value: { clusterId, nodeId, protocol, features: [] } }
}
