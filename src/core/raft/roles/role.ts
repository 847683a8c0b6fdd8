/**
 * What the six roles have in common. A role holds what is true only while it lasts; it never changes
 * the node's role itself but returns where to go, and `raft.ts` goes there.
 *
 *                        nobody leads for a while
 *   unattached ─────────────────────────────────────▶ prospective ──pre-votes──▶ candidate ──votes──▶ leader
 *       ▲  ▲            leader silent or gone              ▲ │                      │                   │
 *       │  └──── refused, higher epoch ◀── follower ───────┘ └── lost ──▶ …        lost                 │
 *       │                                     ▲                                                         │
 *       └──────────── a leader is heard of ───┘          resigned ◀── no majority fetches, or told to ──┘
 */
import { type ReplicaKey } from '../../api/quorum.ts'
import { type RaftResponse } from '../event.ts'
import { type KnownLeader } from '../quorum-state.ts'

/** Name of a role. */
export type RoleName =
  'unattached' | 'prospective' | 'candidate' | 'leader' | 'follower' | 'resigned'

/** Where a role wants to go. */
export type Next =
  | { readonly to: 'unattached'; readonly electionAtMs: number }
  | { readonly to: 'prospective' }
  | { readonly to: 'candidate' }
  | { readonly to: 'leader'; readonly grantingVoters: readonly ReplicaKey[] }
  | { readonly to: 'follower'; readonly leader: KnownLeader }
  | { readonly to: 'resigned'; readonly successors: readonly ReplicaKey[] }
  | undefined

/** One role. */
export interface Role {
  readonly name: RoleName
  /** When time alone makes it act next; `Infinity`: never. */
  readonly nextDeadlineMs: () => number
  /** Does what is due. Called after every event; returning a next role ends this one. */
  readonly act: (nowMs: number) => Next
  /** Takes the answer to a request that it sent; others it ignores. */
  readonly answered: (requestId: number, response: RaftResponse, nowMs: number) => Next
  /** A request that it sent will get no answer. */
  readonly unanswered: (requestId: number, isRefused: boolean, nowMs: number) => Next
  /** Whether a pre-vote for an up-to-date log is granted: not while a leader is alive as far as known. */
  readonly grantsPreVote: () => boolean
}
