// Original file: sluice/v1/log.proto

import type {
  ProducerIdentity as _sluice_v1_ProducerIdentity,
  ProducerIdentity__Output as _sluice_v1_ProducerIdentity__Output,
} from '../../sluice/v1/ProducerIdentity.ts'

/**
 * A producer begins, or begins its sequences anew.
 */
export interface InitProducerIdRequest {
  /**
   * Absent for a new producer.
   */
  current?: _sluice_v1_ProducerIdentity | null
}

/**
 * A producer begins, or begins its sequences anew.
 */
export interface InitProducerIdRequest__Output {
  /**
   * Absent for a new producer.
   */
  current: _sluice_v1_ProducerIdentity__Output | null
}
