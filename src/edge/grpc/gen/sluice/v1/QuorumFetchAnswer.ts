// Original file: sluice/v1/quorum.proto

import type {
  HelloAnswer as _sluice_v1_HelloAnswer,
  HelloAnswer__Output as _sluice_v1_HelloAnswer__Output,
} from '../../sluice/v1/HelloAnswer.ts'
import type {
  QuorumFetchResponse as _sluice_v1_QuorumFetchResponse,
  QuorumFetchResponse__Output as _sluice_v1_QuorumFetchResponse__Output,
} from '../../sluice/v1/QuorumFetchResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A frame from the leader.
 */
export interface QuorumFetchAnswer {
  /**
   * Of the request that this answers; 0 with the answer to the Hello.
   */
  correlationId?: number | string | Long
  /**
   * First frame only.
   */
  hello?: _sluice_v1_HelloAnswer | null
  /**
   * Batches, or where to truncate to.
   */
  response?: _sluice_v1_QuorumFetchResponse | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal | null
  body?: 'hello' | 'response' | 'refusal'
}

/**
 * A frame from the leader.
 */
export interface QuorumFetchAnswer__Output {
  /**
   * Of the request that this answers; 0 with the answer to the Hello.
   */
  correlationId: number
  /**
   * First frame only.
   */
  hello?: _sluice_v1_HelloAnswer__Output | null
  /**
   * Batches, or where to truncate to.
   */
  response?: _sluice_v1_QuorumFetchResponse__Output | null
  /**
   * Not answered.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  body?: 'hello' | 'response' | 'refusal'
}
