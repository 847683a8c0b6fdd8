// Original file: sluice/v1/controller.proto

/**
 * What the controller thinks of the broker.
 */
export interface BrokerHeartbeatResponse {
  /**
   * It has applied the metadata log up to its registration.
   */
  isCaughtUp?: boolean
  /**
   * It is fenced.
   */
  isFenced?: boolean
  /**
   * It leads nothing any more and may stop.
   */
  mayShutdown?: boolean
}

/**
 * What the controller thinks of the broker.
 */
export interface BrokerHeartbeatResponse__Output {
  /**
   * It has applied the metadata log up to its registration.
   */
  isCaughtUp: boolean
  /**
   * It is fenced.
   */
  isFenced: boolean
  /**
   * It leads nothing any more and may stop.
   */
  mayShutdown: boolean
}
