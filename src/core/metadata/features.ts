/** The features whose levels the cluster agrees on, and the levels that this build knows. Source: KIP-584. */
import { type FeatureLevels } from './image/image.ts'

/** Level of the records in the metadata log. */
export const metadataVersionFeature = 'metadata.version'

/** What this build supports: sent by each broker with its registration. */
export const supportedFeatures: readonly FeatureLevels[] = [
  { name: metadataVersionFeature, min: 1, max: 1 },
]
