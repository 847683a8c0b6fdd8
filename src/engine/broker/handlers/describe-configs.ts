/**
 * Configs in force, from the newest image and this node's own settings. Only a broker itself knows
 * its file's values, so what is asked of another broker is refused with its id.
 */
import { unreachable } from '../../../base/assert.ts'
import {
  type ConfigEntry,
  type ConfigResource,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
  type ItemError,
} from '../../../core/api/cluster-admin.ts'
import { type Outcome } from '../../../core/api/error-code.ts'
import {
  clusterResource,
  describeNodeConfig,
  describeTopicConfig,
} from '../../../core/config/effective-config.ts'
import { type BrokerParts } from '../broker-parts.ts'

/** Answers at once. */
export function describeConfigs(
  parts: BrokerParts,
  request: DescribeConfigsRequest,
): Outcome<DescribeConfigsResponse> {
  const resources = request.resources.map((resource) => {
    const described = describe(parts, resource)
    return 'code' in described
      ? { resource, error: described, entries: [] }
      : { resource, entries: described }
  })
  return { ok: true, value: { resources } }
}

function describe(
  parts: BrokerParts,
  resource: ConfigResource,
): readonly ConfigEntry[] | ItemError {
  const image = parts.metadata.current()
  const { nodeId } = parts.identity
  switch (resource.type) {
    case 'topic':
      return image.topicIds.has(resource.name)
        ? describeTopicConfig(image, parts.viewer, resource.name)
        : { code: 'UNKNOWN_TOPIC_OR_PARTITION', message: `there is no topic ${resource.name}` }
    case 'broker':
      return resource.name === String(nodeId)
        ? describeNodeConfig(image, parts.viewer)
        : {
            code: 'INVALID_REQUEST',
            message: `this is broker ${nodeId}: ask broker ${resource.name}`,
          }
    case 'cluster': {
      const set = image.configs.get(clusterResource) ?? {}
      return describeNodeConfig(image, parts.viewer).filter((entry) =>
        Object.hasOwn(set, entry.key),
      )
    }
    default:
      return unreachable(resource.type)
  }
}
