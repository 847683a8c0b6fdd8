// Original file: sluice/v1/cluster.proto

import type {
  TopicScope as _sluice_v1_TopicScope,
  TopicScope__Output as _sluice_v1_TopicScope__Output,
} from '../../sluice/v1/TopicScope.ts'

/**
 * Asks for a description.
 */
export interface MetadataRequest {
  /**
   * Which topics.
   */
  scope?: _sluice_v1_TopicScope
  /**
   * Names, with TOPIC_SCOPE_NAMED.
   */
  names?: string[]
}

/**
 * Asks for a description.
 */
export interface MetadataRequest__Output {
  /**
   * Which topics.
   */
  scope: _sluice_v1_TopicScope__Output
  /**
   * Names, with TOPIC_SCOPE_NAMED.
   */
  names: string[]
}
