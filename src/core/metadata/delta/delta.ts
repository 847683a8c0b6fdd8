/** What a run of metadata records changed, so that readers of the next image look only there. */
import { type NodeId, type TopicId } from '../../../base/id.ts'

/**
 * Names what changed between two images; the news itself is in the later image. Inside a changed
 * topic, a partition that did not change is the same object in both images.
 */
export interface MetadataDelta {
  /** New topics and topics with a changed partition; never one of the removed. */
  readonly topicIdsChanged: ReadonlySet<TopicId>
  readonly topicIdsRemoved: ReadonlySet<TopicId>
  readonly brokersChanged: ReadonlySet<NodeId>
  /** Resources: `topic/NAME`, `broker/ID`, `cluster/`. */
  readonly configsChanged: ReadonlySet<string>
  readonly featuresChanged: ReadonlySet<string>
}

/** Nothing changed. */
export const emptyDelta: MetadataDelta = {
  topicIdsChanged: new Set(),
  topicIdsRemoved: new Set(),
  brokersChanged: new Set(),
  configsChanged: new Set(),
  featuresChanged: new Set(),
}

/** The changes of `earlier` and then of `later`, as one. */
export function mergeDeltas(earlier: MetadataDelta, later: MetadataDelta): MetadataDelta {
  const topicIdsRemoved = union(earlier.topicIdsRemoved, later.topicIdsRemoved)
  const topicIdsTouched = union(earlier.topicIdsChanged, later.topicIdsChanged)
  return {
    topicIdsChanged: new Set([...topicIdsTouched].filter((id) => !topicIdsRemoved.has(id))),
    topicIdsRemoved,
    brokersChanged: union(earlier.brokersChanged, later.brokersChanged),
    configsChanged: union(earlier.configsChanged, later.configsChanged),
    featuresChanged: union(earlier.featuresChanged, later.featuresChanged),
  }
}

function union<T>(left: ReadonlySet<T>, right: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...left, ...right])
}
