// Original file: sluice/v1/log.proto

import type {
  ProducerIdentity as _sluice_v1_ProducerIdentity,
  ProducerIdentity__Output as _sluice_v1_ProducerIdentity__Output,
} from '../../sluice/v1/ProducerIdentity.ts'

/**
 * A producer as its batches name it.
 */
export interface InitProducerIdResponse {
  /**
   * What they carry from here on.
   */
  identity?: _sluice_v1_ProducerIdentity | null
}

/**
 * A producer as its batches name it.
 */
export interface InitProducerIdResponse__Output {
  /**
   * What they carry from here on.
   */
  identity: _sluice_v1_ProducerIdentity__Output | null
}
