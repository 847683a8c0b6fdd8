// Original file: grpc/health/v1/health.proto

// Original file: grpc/health/v1/health.proto

/**
 * What a service does now.
 */
export const _grpc_health_v1_HealthCheckResponse_ServingStatus = {
  /**
   * Not known.
   */
  UNKNOWN: 'UNKNOWN',
  /**
   * It takes requests.
   */
  SERVING: 'SERVING',
  /**
   * It does not take requests: starting, stopping or fenced.
   */
  NOT_SERVING: 'NOT_SERVING',
  /**
   * There is no such service; only in answers to Watch.
   */
  SERVICE_UNKNOWN: 'SERVICE_UNKNOWN',
} as const

/**
 * What a service does now.
 */
export type _grpc_health_v1_HealthCheckResponse_ServingStatus =
  /**
   * Not known.
   */
  | 'UNKNOWN'
  | 0
  /**
   * It takes requests.
   */
  | 'SERVING'
  | 1
  /**
   * It does not take requests: starting, stopping or fenced.
   */
  | 'NOT_SERVING'
  | 2
  /**
   * There is no such service; only in answers to Watch.
   */
  | 'SERVICE_UNKNOWN'
  | 3

/**
 * What a service does now.
 */
export type _grpc_health_v1_HealthCheckResponse_ServingStatus__Output =
  (typeof _grpc_health_v1_HealthCheckResponse_ServingStatus)[keyof typeof _grpc_health_v1_HealthCheckResponse_ServingStatus]

/**
 * Whether it is served.
 */
export interface HealthCheckResponse {
  /**
   * The state.
   */
  status?: _grpc_health_v1_HealthCheckResponse_ServingStatus
}

/**
 * Whether it is served.
 */
export interface HealthCheckResponse__Output {
  /**
   * The state.
   */
  status: _grpc_health_v1_HealthCheckResponse_ServingStatus__Output
}
