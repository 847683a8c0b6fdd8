// Original file: sluice/v1/quorum.proto

import type {
  ReplicaKey as _sluice_v1_ReplicaKey,
  ReplicaKey__Output as _sluice_v1_ReplicaKey__Output,
} from '../../sluice/v1/ReplicaKey.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * Asks for a vote.
 */
export interface VoteRequest {
  /**
   * Cluster of the candidate.
   */
  clusterId?: string
  /**
   * Who stands.
   */
  candidate?: _sluice_v1_ReplicaKey | null
  /**
   * Who is asked.
   */
  voter?: _sluice_v1_ReplicaKey | null
  /**
   * Epoch stood for; of a pre-vote, the candidate's present one.
   */
  epoch?: number
  /**
   * Epoch of the candidate's last entry.
   */
  lastEpoch?: number
  /**
   * End of the candidate's log.
   */
  lastOffset?: number | string | Long
  /**
   * Only asks whether a vote would be given.
   */
  isPreVote?: boolean
}

/**
 * Asks for a vote.
 */
export interface VoteRequest__Output {
  /**
   * Cluster of the candidate.
   */
  clusterId: string
  /**
   * Who stands.
   */
  candidate: _sluice_v1_ReplicaKey__Output | null
  /**
   * Who is asked.
   */
  voter: _sluice_v1_ReplicaKey__Output | null
  /**
   * Epoch stood for; of a pre-vote, the candidate's present one.
   */
  epoch: number
  /**
   * Epoch of the candidate's last entry.
   */
  lastEpoch: number
  /**
   * End of the candidate's log.
   */
  lastOffset: number
  /**
   * Only asks whether a vote would be given.
   */
  isPreVote: boolean
}
