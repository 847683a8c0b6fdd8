// Original file: sluice/v1/log.proto

import type {
  HelloAnswer as _sluice_v1_HelloAnswer,
  HelloAnswer__Output as _sluice_v1_HelloAnswer__Output,
} from '../../sluice/v1/HelloAnswer.ts'
import type {
  ProduceResponse as _sluice_v1_ProduceResponse,
  ProduceResponse__Output as _sluice_v1_ProduceResponse__Output,
} from '../../sluice/v1/ProduceResponse.ts'
import type {
  Refusal as _sluice_v1_Refusal,
  Refusal__Output as _sluice_v1_Refusal__Output,
} from '../../sluice/v1/Refusal.ts'
import type { Long } from '@grpc/proto-loader'

/**
 * A frame from the server.
 */
export interface ProduceAnswer {
  /**
   * Of the request that this answers; 0 with the answer to the Hello.
   */
  correlationId?: number | string | Long
  /**
   * First frame only.
   */
  hello?: _sluice_v1_HelloAnswer | null
  /**
   * What became of each entry.
   */
  response?: _sluice_v1_ProduceResponse | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal | null
  body?: 'hello' | 'response' | 'refusal'
}

/**
 * A frame from the server.
 */
export interface ProduceAnswer__Output {
  /**
   * Of the request that this answers; 0 with the answer to the Hello.
   */
  correlationId: number
  /**
   * First frame only.
   */
  hello?: _sluice_v1_HelloAnswer__Output | null
  /**
   * What became of each entry.
   */
  response?: _sluice_v1_ProduceResponse__Output | null
  /**
   * The whole request was not done, or may not have been.
   */
  refusal?: _sluice_v1_Refusal__Output | null
  body?: 'hello' | 'response' | 'refusal'
}
