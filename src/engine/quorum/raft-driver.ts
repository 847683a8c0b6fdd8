/** The quorum node of this process: see the README; being built. */
import {
  type ClusterId,
  type DirectoryId,
  type Epoch,
  type NodeId,
  type Offset,
} from '../../base/id.ts'
import { type Apis } from '../../core/api/apis.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type RequestContext } from '../../core/api/request-context.ts'
import { type Settings } from '../../core/config/settings.ts'
import { offset } from '../../base/id.ts'
import { type Ports } from '../ports/ports.ts'
import { Bell } from '../runtime/bell.ts'
import { type ElectionStore } from '../storage/election-store.ts'
import { type PartitionLog } from '../storage/partition-log.ts'

/** Operations that a quorum node answers. */
export type QuorumApi =
  'vote' | 'begin-quorum-epoch' | 'end-quorum-epoch' | 'quorum-fetch' | 'describe-quorum'

/** What a quorum node is opened with. */
export interface OpenQuorum {
  readonly ports: Ports
  readonly identity: {
    readonly clusterId: ClusterId
    readonly nodeId: NodeId
    readonly directoryId: DirectoryId
  }
  readonly log: PartitionLog
  readonly election: ElectionStore
  readonly settings: Settings
  /** Where this node's controller listener is reached; absent without the role controller. */
  readonly controllerListener: Endpoint | undefined
}

/** Who leads, as this node knows now. */
export interface Leadership {
  readonly epoch: Epoch
  readonly leaderId?: NodeId
  readonly leaderEndpoint?: Endpoint
  readonly isLeader: boolean
}

/** What a proposal became. */
export interface Proposed {
  /** Offset of its first record. */
  readonly baseOffset: Offset
  /** True when committed; false when its fate is unknown: this node lost its leadership or its store. */
  readonly committed: Promise<boolean>
}

/** Takes part in the metadata quorum: as a voter when the voter set names this node and directory, else as an observer. */
export class Quorum {
  /** Rings after each change of `leadership()` and of `activeSince()`. */
  readonly leadershipChanged = new Bell()

  /** Starts taking part. */
  static async open(options: OpenQuorum): Promise<Quorum> {
    await Promise.resolve(options)
    return new Quorum()
  }

  /** Answers a request of another quorum node. */
  async handle<A extends QuorumApi>(
    api: A,
    request: Apis[A]['request'],
    context: RequestContext,
  ): Promise<Outcome<Apis[A]['response']>> {
    await Promise.resolve({ request, context })
    return refuse('NOT_READY', `${api}: this quorum node is starting.`)
  }

  /** Who leads. */
  leadership(): Leadership {
    return { epoch: 0 as Epoch, isLeader: false }
  }

  /**
   * Set while this node leads and its own LeaderChange is committed: the epoch, and the offset behind
   * that LeaderChange. An image at that offset holds everything that earlier epochs committed.
   */
  activeSince(): { readonly epoch: Epoch; readonly offset: Offset } | undefined {
    return undefined
  }

  /** Everything below it is committed. */
  highWatermark(): Offset {
    return offset(0)
  }

  /**
   * Appends records (encoded values) as one atomic batch under `epoch`. Undefined: refused, because
   * this node does not lead that epoch or too much is uncommitted; nothing happened.
   */
  propose(batch: {
    readonly epoch: Epoch
    readonly records: readonly Uint8Array[]
  }): Proposed | undefined {
    return batch.records.length === 0
      ? undefined
      : { baseOffset: offset(0), committed: Promise.resolve(false) }
  }

  /** Committed batches from `after` on, control batches included; waits until there are some, or gives none when `signal` aborts. */
  async nextCommitted(after: Offset, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    await Promise.resolve({ after, signal })
    return []
  }

  /** Gives up leadership, naming successors; resolves when somebody else may lead. */
  async resign(): Promise<void> {
    await Promise.resolve()
  }

  /** Stops at once. A second call does nothing. */
  async close(): Promise<void> {
    await Promise.resolve()
  }
}
