// Original file: grpc/health/v1/health.proto

/**
 * Asks about a service.
 */
export interface HealthCheckRequest {
  /**
   * Full name of the service; empty: the node.
   */
  service?: string
}

/**
 * Asks about a service.
 */
export interface HealthCheckRequest__Output {
  /**
   * Full name of the service; empty: the node.
   */
  service: string
}
