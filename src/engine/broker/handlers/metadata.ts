/** The cluster as this broker's newest image has it. Refused until that image is known to be of this cluster's present. */
import { partitionIndex } from '../../../base/id.ts'
import { refuse, type Outcome } from '../../../core/api/error-code.ts'
import {
  type BrokerDescription,
  type MetadataRequest,
  type MetadataResponse,
  type TopicDescription,
} from '../../../core/api/metadata.ts'
import {
  type BrokerRegistration,
  type MetadataImage,
  type TopicImage,
} from '../../../core/metadata/image/image.ts'
import { type BrokerParts } from '../broker-parts.ts'

/** Answers from the image, at once. */
export function metadata(parts: BrokerParts, request: MetadataRequest): Outcome<MetadataResponse> {
  const image = parts.metadata.current()
  // A restarted broker replays the past: only with its own present registration is the image of today.
  const { nodeId, incarnationId } = parts.identity
  if (image.brokers.get(nodeId)?.incarnationId !== incarnationId) {
    return refuse('NOT_READY', `broker ${nodeId} is starting`)
  }
  const { leaderId } = parts.leadership()
  return {
    ok: true,
    value: {
      clusterId: parts.identity.clusterId,
      ...(leaderId !== undefined && { controllerId: leaderId }),
      metadataOffset: image.offset,
      brokers: [...image.brokers.values()]
        .sort((left, right) => left.id - right.id)
        .map(describeBroker),
      topics: topicsOf(image, request),
    },
  }
}

function topicsOf(image: MetadataImage, request: MetadataRequest): readonly TopicDescription[] {
  if (request.topics === 'none') return []
  if (request.topics === 'all') {
    const topics = [...image.topics.values()]
    return topics.sort((left, right) => (left.name < right.name ? -1 : 1)).map(describeTopic)
  }
  return request.topics.map((name) => {
    const id = image.topicIds.get(name)
    const topic = id === undefined ? undefined : image.topics.get(id)
    if (topic !== undefined) return describeTopic(topic)
    const message = `there is no topic ${name}`
    return { name, error: { code: 'UNKNOWN_TOPIC_OR_PARTITION', message }, partitions: [] }
  })
}

function describeBroker(broker: BrokerRegistration): BrokerDescription {
  const { id, epoch, rack, endpoints, isFenced, inControlledShutdown } = broker
  return {
    ...{ id, epoch, endpoints, isFenced, inControlledShutdown },
    ...(rack !== undefined && { rack }),
  }
}

function describeTopic(topic: TopicImage): TopicDescription {
  return {
    name: topic.name,
    id: topic.id,
    partitions: topic.partitions.map((registration, index) => {
      const { leader, leaderEpoch, partitionEpoch, replicas, isr, elr } = registration
      return {
        ...{ partition: partitionIndex(index), leaderEpoch, partitionEpoch, replicas, isr, elr },
        ...(leader !== undefined && { leader }),
      }
    }),
  }
}
