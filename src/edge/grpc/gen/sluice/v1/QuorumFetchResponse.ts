// Original file: sluice/v1/quorum.proto

import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type {
  QuorumLeader as _sluice_v1_QuorumLeader,
  QuorumLeader__Output as _sluice_v1_QuorumLeader__Output,
} from '../../sluice/v1/QuorumLeader.ts'
import type {
  QuorumDivergence as _sluice_v1_QuorumDivergence,
  QuorumDivergence__Output as _sluice_v1_QuorumDivergence__Output,
} from '../../sluice/v1/QuorumDivergence.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * What the leader had.
 */
export interface QuorumFetchResponse {
  /**
   * Absent when the pull was in order.
   */
  error?: _sluice_v1_Refusal | null
  /**
   * Who leads, as the answering node knows.
   */
  leader?: _sluice_v1_QuorumLeader | null
  /**
   * End of what is committed.
   */
  highWatermark?: number | string | Long
  /**
   * First offset of the leader's log.
   */
  logStartOffset?: number | string | Long
  /**
   * Present when the replica's log diverges and must be truncated.
   */
  diverging?: _sluice_v1_QuorumDivergence | null
  /**
   * Whole batches in offset order; none with a divergence.
   */
  records?: Buffer | Uint8Array | string
}

/**
 * What the leader had.
 */
export interface QuorumFetchResponse__Output {
  /**
   * Absent when the pull was in order.
   */
  error: _sluice_v1_Refusal__Output | null
  /**
   * Who leads, as the answering node knows.
   */
  leader: _sluice_v1_QuorumLeader__Output | null
  /**
   * End of what is committed.
   */
  highWatermark: number
  /**
   * First offset of the leader's log.
   */
  logStartOffset: number
  /**
   * Present when the replica's log diverges and must be truncated.
   */
  diverging: _sluice_v1_QuorumDivergence__Output | null
  /**
   * Whole batches in offset order; none with a divergence.
   */
  records: Buffer
}
