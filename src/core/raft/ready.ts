/**
 * What the core wants done, in the one order that is safe: save the election state, then the log
 * operations as listed, then answers and sends, then hand over what is committed. The election state
 * is durable before anything leaves the node. Appends need not be: the core counts its own position,
 * and sends a fetch, only after `synced` said so; a leader's entries may leave before its own flush.
 */
import { type Epoch, type NodeId, type Offset } from '../../base/id.ts'
import { type Endpoint } from '../api/endpoint.ts'
import type * as api from '../api/quorum.ts'
import { type ReplicaKey } from '../api/quorum.ts'
import { type ElectionState } from './election-state.ts'
import { type RaftRequest } from './event.ts'

/** One change of the log. `number` grows by one each; `synced` says how far they are durable. */
export type LogOperation =
  | { readonly type: 'truncate'; readonly number: number; readonly endOffset: Offset }
  | {
      readonly type: 'append-leader-change'
      readonly number: number
      readonly baseOffset: Offset
      readonly epoch: Epoch
      readonly leaderId: NodeId
      readonly voters: readonly ReplicaKey[]
      readonly grantingVoters: readonly ReplicaKey[]
    }
  | {
      readonly type: 'append-proposal'
      readonly number: number
      readonly baseOffset: Offset
      readonly epoch: Epoch
      readonly recordCount: number
    }
  /** The batches of the fetch response that is being stepped. */
  | {
      readonly type: 'append-fetched'
      readonly number: number
      readonly baseOffset: Offset
      readonly endOffset: Offset
    }

/** An answer to a request. */
export type RaftAnswer =
  | ({ readonly api: 'vote'; readonly requestId: number } & api.VoteResponse)
  | ({
      readonly api: 'begin-quorum-epoch'
      readonly requestId: number
    } & api.BeginQuorumEpochResponse)
  | ({ readonly api: 'end-quorum-epoch'; readonly requestId: number } & api.EndQuorumEpochResponse)
  | ({ readonly api: 'quorum-fetch'; readonly requestId: number } & Omit<
      api.QuorumFetchResponse,
      'records'
    > & {
        /** Batches to put into the answer: from here, up to this end of the log. Absent: none. */
        readonly read?: { readonly from: Offset; readonly upTo: Offset; readonly bytesMax: number }
      })

/** Where a request goes: a voter or the leader, or whichever quorum node the settings name. */
export type Destination =
  | { readonly type: 'node'; readonly nodeId: NodeId; readonly endpoint: Endpoint }
  | { readonly type: 'bootstrap' }

/** A request to send. */
export interface RaftSend {
  readonly requestId: number
  readonly to: Destination
  readonly request: RaftRequest
}

/** Everything that one or more steps want done. */
export interface Ready {
  readonly save?: ElectionState
  readonly log: readonly LogOperation[]
  readonly answers: readonly RaftAnswer[]
  readonly sends: readonly RaftSend[]
  /** Set when it moved. */
  readonly highWatermark?: Offset
}

/** Nothing to do. */
export const nothingReady: Ready = { log: [], answers: [], sends: [] }

/** Both, the earlier first: the later election state subsumes the earlier one. */
export function mergeReady(earlier: Ready, later: Ready): Ready {
  const save = later.save ?? earlier.save
  const highWatermark = later.highWatermark ?? earlier.highWatermark
  return {
    ...(save && { save }),
    log: [...earlier.log, ...later.log],
    answers: [...earlier.answers, ...later.answers],
    sends: [...earlier.sends, ...later.sends],
    ...(highWatermark !== undefined && { highWatermark }),
  }
}
