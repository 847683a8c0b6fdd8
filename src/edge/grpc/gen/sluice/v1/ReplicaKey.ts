// Original file: sluice/v1/quorum.proto

/**
 * One voter: a node whose disk was wiped is another one.
 */
export interface ReplicaKey {
  /**
   * Its node id.
   */
  nodeId?: number
  /**
   * Id of the directory of its metadata log.
   */
  directoryId?: string
}

/**
 * One voter: a node whose disk was wiped is another one.
 */
export interface ReplicaKey__Output {
  /**
   * Its node id.
   */
  nodeId: number
  /**
   * Id of the directory of its metadata log.
   */
  directoryId: string
}
