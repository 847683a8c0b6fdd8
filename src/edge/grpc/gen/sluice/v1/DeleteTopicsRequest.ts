// Original file: sluice/v1/cluster.proto

/**
 * Topics to delete.
 */
export interface DeleteTopicsRequest {
  /**
   * Their names.
   */
  names?: string[]
}

/**
 * Topics to delete.
 */
export interface DeleteTopicsRequest__Output {
  /**
   * Their names.
   */
  names: string[]
}
