// Original file: sluice/v1/quorum.proto

import type {
  Hello as _sluice_v1_Hello,
  Hello__Output as _sluice_v1_Hello__Output,
} from '../../sluice/v1/Hello.ts'
import type {
  QuorumFetchRequest as _sluice_v1_QuorumFetchRequest,
  QuorumFetchRequest__Output as _sluice_v1_QuorumFetchRequest__Output,
} from '../../sluice/v1/QuorumFetchRequest.ts'
import type {
  Cancel as _sluice_v1_Cancel,
  Cancel__Output as _sluice_v1_Cancel__Output,
} from '../../sluice/v1/Cancel.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A frame from the replica.
 */
export interface QuorumFetchCall {
  /**
   * Chosen by the caller, unique among the requests in flight on this stream; 0 with the Hello.
   */
  correlationId?: number | string | Long
  /**
   * How long the caller waits for the answer, in ms.
   */
  timeoutMs?: number
  /**
   * First frame only.
   */
  hello?: _sluice_v1_Hello | null
  /**
   * Where the replica is.
   */
  request?: _sluice_v1_QuorumFetchRequest | null
  /**
   * Gives up the request of this correlation id.
   */
  cancel?: _sluice_v1_Cancel | null
  body?: 'hello' | 'request' | 'cancel'
}

/**
 * A frame from the replica.
 */
export interface QuorumFetchCall__Output {
  /**
   * Chosen by the caller, unique among the requests in flight on this stream; 0 with the Hello.
   */
  correlationId: number
  /**
   * How long the caller waits for the answer, in ms.
   */
  timeoutMs: number
  /**
   * First frame only.
   */
  hello?: _sluice_v1_Hello__Output | null
  /**
   * Where the replica is.
   */
  request?: _sluice_v1_QuorumFetchRequest__Output | null
  /**
   * Gives up the request of this correlation id.
   */
  cancel?: _sluice_v1_Cancel__Output | null
  body?: 'hello' | 'request' | 'cancel'
}
