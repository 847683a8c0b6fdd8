// Original file: sluice/v1/log.proto

import type {
  PartitionFetched as _sluice_v1_PartitionFetched,
  PartitionFetched__Output as _sluice_v1_PartitionFetched__Output,
} from '../../sluice/v1/PartitionFetched.ts'

/**
 * Partitions with news; the others are left out.
 */
export interface FetchResponse {
  /**
   * The news.
   */
  partitions?: _sluice_v1_PartitionFetched[]
}

/**
 * Partitions with news; the others are left out.
 */
export interface FetchResponse__Output {
  /**
   * The news.
   */
  partitions: _sluice_v1_PartitionFetched__Output[]
}
