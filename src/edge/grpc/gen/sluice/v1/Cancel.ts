// Original file: sluice/v1/envelope.proto

/**
 * Gives up the request that has the frame's correlation id. It is not answered any more; whether it
 * was done is unknown.
 */
export interface Cancel {}

/**
 * Gives up the request that has the frame's correlation id. It is not answered any more; whether it
 * was done is unknown.
 */
export interface Cancel__Output {}
