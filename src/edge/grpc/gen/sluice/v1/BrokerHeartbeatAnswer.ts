// Original file: sluice/v1/controller.proto

import type {
  HelloAnswer as _sluice_v1_HelloAnswer,
  HelloAnswer__Output as _sluice_v1_HelloAnswer__Output,
} from '../../sluice/v1/HelloAnswer.ts'
import type {
  BrokerHeartbeatResponse as _sluice_v1_BrokerHeartbeatResponse,
  BrokerHeartbeatResponse__Output as _sluice_v1_BrokerHeartbeatResponse__Output,
} from '../../sluice/v1/BrokerHeartbeatResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A frame from the controller.
 */
export interface BrokerHeartbeatAnswer {
  /**
   * Of the request that this answers; 0 with the answer to the Hello.
   */
  correlationId?: number | string | Long
  /**
   * First frame only.
   */
  hello?: _sluice_v1_HelloAnswer | null
  /**
   * What the controller thinks of the broker.
   */
  response?: _sluice_v1_BrokerHeartbeatResponse | null
  /**
   * Not counted as a sign of life.
   */
  refusal?: _sluice_v1_Refusal | null
  body?: 'hello' | 'response' | 'refusal'
}

/**
 * A frame from the controller.
 */
export interface BrokerHeartbeatAnswer__Output {
  /**
   * Of the request that this answers; 0 with the answer to the Hello.
   */
  correlationId: number
  /**
   * First frame only.
   */
  hello?: _sluice_v1_HelloAnswer__Output | null
  /**
   * What the controller thinks of the broker.
   */
  response?: _sluice_v1_BrokerHeartbeatResponse__Output | null
  /**
   * Not counted as a sign of life.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  body?: 'hello' | 'response' | 'refusal'
}
