// Original file: grpc/reflection/v1/reflection.proto

/**
 * An extension of a type.
 */
export interface ExtensionRequest {
  /**
   * Full name of the type.
   */
  containingType?: string
  /**
   * Number of the extension.
   */
  extensionNumber?: number
}

/**
 * An extension of a type.
 */
export interface ExtensionRequest__Output {
  /**
   * Full name of the type.
   */
  containingType: string
  /**
   * Number of the extension.
   */
  extensionNumber: number
}
