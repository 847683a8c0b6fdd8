/** The first records of a cluster, written by its first active controller. Source: KIP-584, KIP-966. */
import { clusterResource } from '../../config/effective-config.ts'
import { metadataVersionFeature, supportedFeatures } from '../../metadata/features.ts'
import { type MetadataRecord } from '../../metadata/records/record.ts'
import { type ClusterView, type Decision, decided } from '../decision.ts'

/**
 * The level of the metadata, and the one setting of this node's file that must not differ between
 * nodes (see `core/config/effective-config.ts`). Nothing when the log has them.
 */
export function decideBootstrap(view: ClusterView): Decision<{ readonly isFirst: boolean }> {
  if (view.image.features.has(metadataVersionFeature)) return decided([], { isFirst: false })
  const levels = supportedFeatures.map(({ name, max }): MetadataRecord => ({
    type: 'feature-level',
    name,
    level: max,
  }))
  const key = 'min.insync.replicas'
  const minIsr = view.viewer.settings[key]
  const configs: readonly MetadataRecord[] =
    minIsr === -1 ? [] : [{ type: 'config', resource: clusterResource, key, value: `${minIsr}` }]
  return decided([...levels, ...configs], { isFirst: true })
}
