// Original file: sluice/v1/cluster.proto

import type {
  PartitionElection as _sluice_v1_PartitionElection,
  PartitionElection__Output as _sluice_v1_PartitionElection__Output,
} from '../../sluice/v1/PartitionElection.ts'

/**
 * Partitions where something was asked for or changed.
 */
export interface ElectLeadersResponse {
  /**
   * What became of each.
   */
  partitions?: _sluice_v1_PartitionElection[]
}

/**
 * Partitions where something was asked for or changed.
 */
export interface ElectLeadersResponse__Output {
  /**
   * What became of each.
   */
  partitions: _sluice_v1_PartitionElection__Output[]
}
