// Original file: sluice/v1/log.proto

import type {
  Isolation as _sluice_v1_Isolation,
  Isolation__Output as _sluice_v1_Isolation__Output,
} from '../../sluice/v1/Isolation.ts'
import type {
  PartitionFetch as _sluice_v1_PartitionFetch,
  PartitionFetch__Output as _sluice_v1_PartitionFetch__Output,
} from '../../sluice/v1/PartitionFetch.ts'

/**
 * A long poll: answered when enough bytes are there or the time is over.
 */
export interface FetchRequest {
  /**
   * Longest wait, in ms.
   */
  waitMsMax?: number
  /**
   * Answer as soon as this many bytes are there.
   */
  bytesMin?: number
  /**
   * Most bytes of the whole answer, the first batch excepted.
   */
  bytesMax?: number
  /**
   * How far to see.
   */
  isolation?: _sluice_v1_Isolation
  /**
   * Where to read.
   */
  partitions?: _sluice_v1_PartitionFetch[]
}

/**
 * A long poll: answered when enough bytes are there or the time is over.
 */
export interface FetchRequest__Output {
  /**
   * Longest wait, in ms.
   */
  waitMsMax: number
  /**
   * Answer as soon as this many bytes are there.
   */
  bytesMin: number
  /**
   * Most bytes of the whole answer, the first batch excepted.
   */
  bytesMax: number
  /**
   * How far to see.
   */
  isolation: _sluice_v1_Isolation__Output
  /**
   * Where to read.
   */
  partitions: _sluice_v1_PartitionFetch__Output[]
}
