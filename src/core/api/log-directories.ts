/** Log directories of one broker, and moving replicas between them. Source: DescribeLogDirs (KIP-113, KIP-827), AlterReplicaLogDirs (KIP-113). */
import { type DirectoryId, type Offset, type PartitionIndex } from '../../base/id.ts'
import { type ItemError } from './cluster-admin.ts'

/** Asks the broker that it is sent to; absent topics: all. */
export interface DescribeLogDirsRequest {
  readonly topics?: readonly string[]
}

/** One log in a directory. */
export interface DescribedLog {
  readonly topic: string
  readonly partition: PartitionIndex
  /** On disk, journal included. */
  readonly bytes: number
  /** Offset after its last record. */
  readonly endOffset: Offset
  /** How far it is behind: the high watermark for a replica, the log that it copies for a future one. */
  readonly offsetLag: number
  /** A copy under way into this directory. */
  readonly isFuture: boolean
}

/** One directory. */
export interface DescribedLogDir {
  readonly path: string
  /** Absent when it could not be opened. */
  readonly directoryId?: DirectoryId
  readonly state: 'online' | 'low' | 'full' | 'offline'
  /** Of its disk; absent when that does not answer. */
  readonly disk?: {
    readonly freeBytes: number
    readonly totalBytes: number
    readonly reserveBytes: number
  }
  readonly logs: readonly DescribedLog[]
}

/** In the order of `log.dirs`, those that could not be opened last. */
export interface DescribeLogDirsResponse {
  readonly directories: readonly DescribedLogDir[]
}

/** Asks a broker to move its replicas; each is copied in the background. To where it is: gives a move up. */
export interface AlterReplicaLogDirsRequest {
  readonly moves: readonly {
    readonly topic: string
    readonly partition: PartitionIndex
    readonly path: string
  }[]
}

/** In the request's order; without an error it was taken on, not done. */
export interface AlterReplicaLogDirsResponse {
  readonly moves: readonly {
    readonly topic: string
    readonly partition: PartitionIndex
    readonly error?: ItemError
  }[]
}
