// Original file: grpc/reflection/v1/reflection.proto

import type {
  ExtensionRequest as _grpc_reflection_v1_ExtensionRequest,
  ExtensionRequest__Output as _grpc_reflection_v1_ExtensionRequest__Output,
} from '../../../grpc/reflection/v1/ExtensionRequest.ts'

/**
 * A question.
 */
export interface ServerReflectionRequest {
  /**
   * Not looked at.
   */
  host?: string
  /**
   * The file of this name.
   */
  fileByFilename?: string
  /**
   * The file that defines this name.
   */
  fileContainingSymbol?: string
  /**
   * The file that defines this extension.
   */
  fileContainingExtension?: _grpc_reflection_v1_ExtensionRequest | null
  /**
   * Numbers of all extensions of this type.
   */
  allExtensionNumbersOfType?: string
  /**
   * Names of all services.
   */
  listServices?: string
  messageRequest?:
    | 'fileByFilename'
    | 'fileContainingSymbol'
    | 'fileContainingExtension'
    | 'allExtensionNumbersOfType'
    | 'listServices'
}

/**
 * A question.
 */
export interface ServerReflectionRequest__Output {
  /**
   * Not looked at.
   */
  host: string
  /**
   * The file of this name.
   */
  fileByFilename?: string
  /**
   * The file that defines this name.
   */
  fileContainingSymbol?: string
  /**
   * The file that defines this extension.
   */
  fileContainingExtension?: _grpc_reflection_v1_ExtensionRequest__Output | null
  /**
   * Numbers of all extensions of this type.
   */
  allExtensionNumbersOfType?: string
  /**
   * Names of all services.
   */
  listServices?: string
  messageRequest?:
    | 'fileByFilename'
    | 'fileContainingSymbol'
    | 'fileContainingExtension'
    | 'allExtensionNumbersOfType'
    | 'listServices'
}
