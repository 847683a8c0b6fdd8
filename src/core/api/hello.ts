/** The opening of every stream: who calls, and who answers. Wrong cluster or no common version ends it. */
import {
  type BrokerEpoch,
  type ClusterId,
  type DirectoryId,
  type IncarnationId,
  type NodeId,
} from '../../base/id.ts'

/** The range of protocol versions that this build speaks. */
export const protocolVersions = { min: 1, max: 1 } as const

/** What a broker adds to its Hello. */
export interface BrokerHello {
  readonly brokerId: NodeId
  /** Absent until the controller has registered this incarnation. */
  readonly brokerEpoch?: BrokerEpoch
  readonly incarnationId: IncarnationId
  readonly directoryIds: readonly DirectoryId[]
}

/** Sent first by the caller. */
export interface Hello {
  /** Absent for a client that takes whichever cluster answers. */
  readonly clusterId?: ClusterId
  readonly protocolMin: number
  readonly protocolMax: number
  readonly clientId: string
  readonly features: readonly string[]
  /** Present on channels between nodes. */
  readonly broker?: BrokerHello
}

/** Sent first by the server when it accepts the Hello. */
export interface HelloAnswer {
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
  /** The highest version that both speak. */
  readonly protocol: number
  readonly features: readonly string[]
}
