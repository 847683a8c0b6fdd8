// Original file: sluice/v1/quorum.proto

/**
 * Asks for the state of the quorum.
 */
export interface DescribeQuorumRequest {}

/**
 * Asks for the state of the quorum.
 */
export interface DescribeQuorumRequest__Output {}
