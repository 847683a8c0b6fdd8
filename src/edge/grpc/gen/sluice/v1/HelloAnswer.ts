// Original file: sluice/v1/envelope.proto

/**
 * Who answers.
 */
export interface HelloAnswer {
  /**
   * Cluster of the answering node.
   */
  clusterId?: string
  /**
   * Its node id.
   */
  nodeId?: number
  /**
   * Highest protocol version that both speak; the rest of the stream uses it.
   */
  protocol?: number
  /**
   * Optional abilities of the node, by name.
   */
  features?: string[]
}

/**
 * Who answers.
 */
export interface HelloAnswer__Output {
  /**
   * Cluster of the answering node.
   */
  clusterId: string
  /**
   * Its node id.
   */
  nodeId: number
  /**
   * Highest protocol version that both speak; the rest of the stream uses it.
   */
  protocol: number
  /**
   * Optional abilities of the node, by name.
   */
  features: string[]
}
