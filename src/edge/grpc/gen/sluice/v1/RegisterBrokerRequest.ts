// Original file: sluice/v1/controller.proto

import type {
  Endpoint as _sluice_v1_Endpoint,
  Endpoint__Output as _sluice_v1_Endpoint__Output,
} from '../../sluice/v1/Endpoint.ts'
import type {
  FeatureRange as _sluice_v1_FeatureRange,
  FeatureRange__Output as _sluice_v1_FeatureRange__Output,
} from '../../sluice/v1/FeatureRange.ts'
import type {
  DirectoryReport as _sluice_v1_DirectoryReport,
  DirectoryReport__Output as _sluice_v1_DirectoryReport__Output,
} from '../../sluice/v1/DirectoryReport.ts'

/**
 * A broker that joins.
 */
export interface RegisterBrokerRequest {
  /**
   * Its node id.
   */
  brokerId?: number
  /**
   * Cluster that it was formatted for.
   */
  clusterId?: string
  /**
   * Id of this life of its process.
   */
  incarnationId?: string
  /**
   * Where it is reached.
   */
  endpoints?: _sluice_v1_Endpoint[]
  /**
   * Its rack, when it has one.
   */
  rack?: string
  /**
   * Features and the levels that it supports.
   */
  features?: _sluice_v1_FeatureRange[]
  /**
   * Its log directories that are open.
   */
  directories?: _sluice_v1_DirectoryReport[]
  /**
   * A configured directory could not be opened: replicas in none of the above are offline, not gone.
   */
  hasUnopenedDirectory?: boolean
  _rack?: 'rack'
}

/**
 * A broker that joins.
 */
export interface RegisterBrokerRequest__Output {
  /**
   * Its node id.
   */
  brokerId: number
  /**
   * Cluster that it was formatted for.
   */
  clusterId: string
  /**
   * Id of this life of its process.
   */
  incarnationId: string
  /**
   * Where it is reached.
   */
  endpoints: _sluice_v1_Endpoint__Output[]
  /**
   * Its rack, when it has one.
   */
  rack?: string
  /**
   * Features and the levels that it supports.
   */
  features: _sluice_v1_FeatureRange__Output[]
  /**
   * Its log directories that are open.
   */
  directories: _sluice_v1_DirectoryReport__Output[]
  /**
   * A configured directory could not be opened: replicas in none of the above are offline, not gone.
   */
  hasUnopenedDirectory: boolean
  _rack?: 'rack'
}
