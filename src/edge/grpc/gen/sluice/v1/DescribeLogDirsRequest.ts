// Original file: sluice/v1/cluster.proto

/**
 * Which logs to describe.
 */
export interface DescribeLogDirsRequest {
  /**
   * Those of every topic.
   */
  all?: boolean
  /**
   * Else those of these topics.
   */
  topics?: string[]
}

/**
 * Which logs to describe.
 */
export interface DescribeLogDirsRequest__Output {
  /**
   * Those of every topic.
   */
  all: boolean
  /**
   * Else those of these topics.
   */
  topics: string[]
}
