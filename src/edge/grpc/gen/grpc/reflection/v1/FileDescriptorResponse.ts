// Original file: grpc/reflection/v1/reflection.proto

/**
 * Files.
 */
export interface FileDescriptorResponse {
  /**
   * A serialized FileDescriptorProto each.
   */
  fileDescriptorProto?: (Buffer | Uint8Array | string)[]
}

/**
 * Files.
 */
export interface FileDescriptorResponse__Output {
  /**
   * A serialized FileDescriptorProto each.
   */
  fileDescriptorProto: Buffer[]
}
