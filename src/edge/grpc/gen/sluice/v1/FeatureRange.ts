// Original file: sluice/v1/controller.proto

/**
 * Levels of a feature that a broker supports.
 */
export interface FeatureRange {
  /**
   * Name of the feature.
   */
  name?: string
  /**
   * Lowest level.
   */
  min?: number
  /**
   * Highest level.
   */
  max?: number
}

/**
 * Levels of a feature that a broker supports.
 */
export interface FeatureRange__Output {
  /**
   * Name of the feature.
   */
  name: string
  /**
   * Lowest level.
   */
  min: number
  /**
   * Highest level.
   */
  max: number
}
