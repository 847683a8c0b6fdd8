// Original file: sluice/v1/cluster.proto

import type {
  NewTopic as _sluice_v1_NewTopic,
  NewTopic__Output as _sluice_v1_NewTopic__Output,
} from '../../sluice/v1/NewTopic.ts'

/**
 * Topics to create.
 */
export interface CreateTopicsRequest {
  /**
   * All or nothing for each.
   */
  topics?: _sluice_v1_NewTopic[]
  /**
   * Checks everything, changes nothing.
   */
  validateOnly?: boolean
}

/**
 * Topics to create.
 */
export interface CreateTopicsRequest__Output {
  /**
   * All or nothing for each.
   */
  topics: _sluice_v1_NewTopic__Output[]
  /**
   * Checks everything, changes nothing.
   */
  validateOnly: boolean
}
