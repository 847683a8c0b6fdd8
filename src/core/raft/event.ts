/** What can happen to the quorum core. The driver (or the simulator) makes these; time comes beside them. */
import { type Epoch, type Offset } from '../../base/id.ts'
import type * as api from '../api/quorum.ts'
import { type EpochEntry } from '../record/epoch-history.ts'
import { type VoterSetEntry } from './voter-set.ts'

/** A request of one quorum node to another. */
export type RaftRequest =
  | ({ readonly api: 'vote' } & api.VoteRequest)
  | ({ readonly api: 'begin-quorum-epoch' } & api.BeginQuorumEpochRequest)
  | ({ readonly api: 'end-quorum-epoch' } & api.EndQuorumEpochRequest)
  | ({ readonly api: 'quorum-fetch' } & api.QuorumFetchRequest)

/** What fetched batches hold, as far as the core needs to know; the driver keeps their bytes. */
export interface FetchedRun {
  readonly baseOffset: Offset
  readonly endOffset: Offset
  /** Each epoch of the run with its first offset in it, in order. */
  readonly epochs: readonly EpochEntry[]
  /** Voter sets named by control records in the run. */
  readonly voterSets: readonly VoterSetEntry[]
}

/** The answer to a fetch, without its bytes. */
export type FetchAnswer = Omit<api.QuorumFetchResponse, 'records'> & {
  /** Absent when no batch came. */
  readonly run?: FetchedRun
}

/** The answer to one of this node's requests. */
export type RaftResponse =
  | ({ readonly api: 'vote' } & api.VoteResponse)
  | ({ readonly api: 'begin-quorum-epoch' } & api.BeginQuorumEpochResponse)
  | ({ readonly api: 'end-quorum-epoch' } & api.EndQuorumEpochResponse)
  | ({ readonly api: 'quorum-fetch' } & FetchAnswer)

/** One thing that happened. */
export type RaftEvent =
  /** Time passed; due whenever `nextDeadlineMs` is reached. */
  | { readonly type: 'tick' }
  /** A request came in; the answer carries its number. */
  | { readonly type: 'request'; readonly requestId: number; readonly request: RaftRequest }
  /** The answer to the request that was sent with this number. */
  | { readonly type: 'response'; readonly requestId: number; readonly response: RaftResponse }
  /** There will be no answer; `isRefused`: nobody listens at that address. */
  | { readonly type: 'no-answer'; readonly requestId: number; readonly isRefused: boolean }
  /** Records to append, under this epoch or not at all. */
  | { readonly type: 'propose'; readonly epoch: Epoch; readonly recordCount: number }
  /** The log operation with this number, and all before it, would survive a power loss. */
  | { readonly type: 'synced'; readonly number: number }
  /** Give up leadership and do not stand for a while. */
  | { readonly type: 'resign' }
  /** The store failed: never vote, lead or acknowledge again in this life. */
  | { readonly type: 'halt' }
