/**
 * A running node: the one place where its parts are wired, for real processes (`app/server`) and
 * for the simulator alike.
 */
import {
  type BrokerEpoch,
  type ClusterId,
  type DirectoryId,
  type Epoch,
  type NodeId,
  type Offset,
} from '../../base/id.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Settings } from '../../core/config/settings.ts'
import { type Ports } from '../ports/ports.ts'
import { StartFailure } from './start-failure.ts'

/** What a node is started with. */
export interface StartNode {
  readonly ports: Ports
  readonly settings: Settings
  /** Absent: whatever the formatted directory says. */
  readonly clusterId?: ClusterId
  readonly nodeId: NodeId
  /** Told once when the node cannot go on (a defect or a lost metadata log); it has closed itself. */
  readonly onFailure?: (cause: unknown) => void
}

/** The node as operators see it. */
export interface NodeStatus {
  readonly nodeId: NodeId
  readonly clusterId: ClusterId
  readonly roles: readonly ('broker' | 'controller')[]
  readonly quorum: {
    readonly epoch: Epoch
    readonly leaderId?: NodeId
    readonly isLeader: boolean
    readonly highWatermark: Offset
  }
  readonly metadataOffset: Offset
  readonly isActiveController: boolean
  /** Absent without the role broker. */
  readonly broker?: {
    readonly state: 'starting' | 'fenced' | 'running' | 'stopping' | 'stopped'
    readonly epoch?: BrokerEpoch
    readonly leaderCount: number
    readonly replicaCount: number
    readonly directories: readonly {
      readonly directoryId: DirectoryId
      readonly state: 'online' | 'full' | 'offline'
    }[]
  }
}

/** A node between `start` and `close`. */
export class Node {
  /** Opens directories, quorum, controller, broker and listeners by `process.roles`; throws `StartFailure`. */
  static async start(options: StartNode): Promise<Node> {
    await Promise.resolve()
    throw new StartFailure('INVALID_CONFIG', `node ${options.nodeId} cannot start yet`)
  }

  /** Resolves when the broker is unfenced and caught up, and the controller knows a leader; rejects with `StartFailure` when that cannot be any more. */
  async ready(): Promise<void> {
    await Promise.resolve()
  }

  /** The bound listeners, with their real ports. */
  endpoints(): readonly Endpoint[] {
    return []
  }

  /** The node as it is now. */
  status(): NodeStatus {
    throw new StartFailure('INVALID_CONFIG', 'not started')
  }

  /** Controlled: moves leadership away, resigns from the quorum, then closes; at most `controlled.shutdown.timeout.ms`. */
  async shutdown(): Promise<void> {
    await this.close()
  }

  /** At once: what is in flight is abandoned, what is durable stays. */
  async close(): Promise<void> {
    await Promise.resolve()
  }
}
