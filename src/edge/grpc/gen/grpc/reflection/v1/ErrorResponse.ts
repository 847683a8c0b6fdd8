// Original file: grpc/reflection/v1/reflection.proto

/**
 * Why there is no answer.
 */
export interface ErrorResponse {
  /**
   * A gRPC status code.
   */
  errorCode?: number
  /**
   * A sentence.
   */
  errorMessage?: string
}

/**
 * Why there is no answer.
 */
export interface ErrorResponse__Output {
  /**
   * A gRPC status code.
   */
  errorCode: number
  /**
   * A sentence.
   */
  errorMessage: string
}
