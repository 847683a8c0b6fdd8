// Original file: sluice/v1/quorum.proto

import type {
  Endpoint as _sluice_v1_Endpoint,
  Endpoint__Output as _sluice_v1_Endpoint__Output,
} from '../../sluice/v1/Endpoint.ts'

/**
 * Who leads in which epoch, as the answering node knows.
 */
export interface QuorumLeader {
  /**
   * The epoch.
   */
  epoch?: number
  /**
   * Node id of its leader, when known.
   */
  leaderId?: number
  /**
   * Where the leader is reached, when known.
   */
  leaderEndpoint?: _sluice_v1_Endpoint | null
  _leaderId?: 'leaderId'
}

/**
 * Who leads in which epoch, as the answering node knows.
 */
export interface QuorumLeader__Output {
  /**
   * The epoch.
   */
  epoch: number
  /**
   * Node id of its leader, when known.
   */
  leaderId?: number
  /**
   * Where the leader is reached, when known.
   */
  leaderEndpoint: _sluice_v1_Endpoint__Output | null
  _leaderId?: 'leaderId'
}
