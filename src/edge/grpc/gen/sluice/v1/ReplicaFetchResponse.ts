// Original file: sluice/v1/replication.proto

import type {
  ReplicaFetched as _sluice_v1_ReplicaFetched,
  ReplicaFetched__Output as _sluice_v1_ReplicaFetched__Output,
} from '../../sluice/v1/ReplicaFetched.ts'

/**
 * Partitions with news; the others are left out.
 */
export interface ReplicaFetchResponse {
  /**
   * The news.
   */
  partitions?: _sluice_v1_ReplicaFetched[]
}

/**
 * Partitions with news; the others are left out.
 */
export interface ReplicaFetchResponse__Output {
  /**
   * The news.
   */
  partitions: _sluice_v1_ReplicaFetched__Output[]
}
