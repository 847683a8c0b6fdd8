// Original file: sluice/v1/controller.proto

import type {
  Hello as _sluice_v1_Hello,
  Hello__Output as _sluice_v1_Hello__Output,
} from '../../sluice/v1/Hello.ts'
import type {
  BrokerHeartbeatRequest as _sluice_v1_BrokerHeartbeatRequest,
  BrokerHeartbeatRequest__Output as _sluice_v1_BrokerHeartbeatRequest__Output,
} from '../../sluice/v1/BrokerHeartbeatRequest.ts'
import type {
  Cancel as _sluice_v1_Cancel,
  Cancel__Output as _sluice_v1_Cancel__Output,
} from '../../sluice/v1/Cancel.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A frame from the broker.
 */
export interface BrokerHeartbeatCall {
  /**
   * Chosen by the caller, unique among the requests in flight on this stream; 0 with the Hello.
   */
  correlationId?: number | string | Long
  /**
   * How long the caller waits for the answer, in ms.
   */
  timeoutMs?: number
  /**
   * First frame only; names the broker.
   */
  hello?: _sluice_v1_Hello | null
  /**
   * A sign of life.
   */
  request?: _sluice_v1_BrokerHeartbeatRequest | null
  /**
   * Gives up the request of this correlation id.
   */
  cancel?: _sluice_v1_Cancel | null
  body?: 'hello' | 'request' | 'cancel'
}

/**
 * A frame from the broker.
 */
export interface BrokerHeartbeatCall__Output {
  /**
   * Chosen by the caller, unique among the requests in flight on this stream; 0 with the Hello.
   */
  correlationId: number
  /**
   * How long the caller waits for the answer, in ms.
   */
  timeoutMs: number
  /**
   * First frame only; names the broker.
   */
  hello?: _sluice_v1_Hello__Output | null
  /**
   * A sign of life.
   */
  request?: _sluice_v1_BrokerHeartbeatRequest__Output | null
  /**
   * Gives up the request of this correlation id.
   */
  cancel?: _sluice_v1_Cancel__Output | null
  body?: 'hello' | 'request' | 'cancel'
}
