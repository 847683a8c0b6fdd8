// Original file: sluice/v1/replication.proto

import type {
  HelloAnswer as _sluice_v1_HelloAnswer,
  HelloAnswer__Output as _sluice_v1_HelloAnswer__Output,
} from '../../sluice/v1/HelloAnswer.ts'
import type {
  ReplicaFetchResponse as _sluice_v1_ReplicaFetchResponse,
  ReplicaFetchResponse__Output as _sluice_v1_ReplicaFetchResponse__Output,
} from '../../sluice/v1/ReplicaFetchResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A frame from the leader.
 */
export interface ReplicaFetchAnswer {
  /**
   * Of the request that this answers; 0 with the answer to the Hello.
   */
  correlationId?: number | string | Long
  /**
   * First frame only.
   */
  hello?: _sluice_v1_HelloAnswer | null
  /**
   * Partitions with news.
   */
  response?: _sluice_v1_ReplicaFetchResponse | null
  /**
   * The whole request was not done.
   */
  refusal?: _sluice_v1_Refusal | null
  body?: 'hello' | 'response' | 'refusal'
}

/**
 * A frame from the leader.
 */
export interface ReplicaFetchAnswer__Output {
  /**
   * Of the request that this answers; 0 with the answer to the Hello.
   */
  correlationId: number
  /**
   * First frame only.
   */
  hello?: _sluice_v1_HelloAnswer__Output | null
  /**
   * Partitions with news.
   */
  response?: _sluice_v1_ReplicaFetchResponse__Output | null
  /**
   * The whole request was not done.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  body?: 'hello' | 'response' | 'refusal'
}
