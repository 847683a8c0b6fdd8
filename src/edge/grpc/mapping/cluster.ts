/** The service Cluster: core/api ⇄ generated message types. */
import type { ConfigEntry, ConfigResource } from '../../../core/api/cluster-admin.ts'
import type {
  BrokerDescription,
  PartitionDescription,
  TopicDescription,
} from '../../../core/api/metadata.ts'
import { MalformedBytesError } from '../../../base/bytes.ts'
import type { NodeId } from '../../../base/id.ts'
import {
  readBrokerEpoch,
  readClusterId,
  readEpoch,
  readNodeId,
  readOffset,
  readPartition,
  readPartitionEpoch,
  readTopicId,
} from '../codec/named.ts'
import type {
  AlterConfigsRequest,
  AlterConfigsRequest__Output,
} from '../gen/sluice/v1/AlterConfigsRequest.ts'
import type {
  AlterConfigsResponse,
  AlterConfigsResponse__Output,
} from '../gen/sluice/v1/AlterConfigsResponse.ts'
import type { BrokerDescription__Output } from '../gen/sluice/v1/BrokerDescription.ts'
import type { ConfigEntry__Output } from '../gen/sluice/v1/ConfigEntry.ts'
import type {
  ConfigResource as WireConfigResource,
  ConfigResource__Output,
} from '../gen/sluice/v1/ConfigResource.ts'
import type {
  CreatePartitionsRequest,
  CreatePartitionsRequest__Output,
} from '../gen/sluice/v1/CreatePartitionsRequest.ts'
import type {
  CreatePartitionsResponse,
  CreatePartitionsResponse__Output,
} from '../gen/sluice/v1/CreatePartitionsResponse.ts'
import type {
  CreateTopicsRequest,
  CreateTopicsRequest__Output,
} from '../gen/sluice/v1/CreateTopicsRequest.ts'
import type {
  CreateTopicsResponse,
  CreateTopicsResponse__Output,
} from '../gen/sluice/v1/CreateTopicsResponse.ts'
import type {
  DeleteTopicsRequest,
  DeleteTopicsRequest__Output,
} from '../gen/sluice/v1/DeleteTopicsRequest.ts'
import type {
  DeleteTopicsResponse,
  DeleteTopicsResponse__Output,
} from '../gen/sluice/v1/DeleteTopicsResponse.ts'
import type {
  DescribeConfigsRequest,
  DescribeConfigsRequest__Output,
} from '../gen/sluice/v1/DescribeConfigsRequest.ts'
import type {
  DescribeConfigsResponse,
  DescribeConfigsResponse__Output,
} from '../gen/sluice/v1/DescribeConfigsResponse.ts'
import type {
  ElectLeadersRequest,
  ElectLeadersRequest__Output,
} from '../gen/sluice/v1/ElectLeadersRequest.ts'
import type {
  ElectLeadersResponse,
  ElectLeadersResponse__Output,
} from '../gen/sluice/v1/ElectLeadersResponse.ts'
import type { MetadataRequest, MetadataRequest__Output } from '../gen/sluice/v1/MetadataRequest.ts'
import type {
  MetadataResponse,
  MetadataResponse__Output,
} from '../gen/sluice/v1/MetadataResponse.ts'
import type { PartitionDescription__Output } from '../gen/sluice/v1/PartitionDescription.ts'
import type {
  ReplicaAssignment,
  ReplicaAssignment__Output,
} from '../gen/sluice/v1/ReplicaAssignment.ts'
import type {
  TopicDescription as WireTopicDescription,
  TopicDescription__Output,
} from '../gen/sluice/v1/TopicDescription.ts'
import { endpointIn, endpointOut, errorIn, errorOut, required } from './envelope.ts'
import { mapThroughProto, type Place } from './mapping.ts'

const place = (method: string): Place => ({
  file: 'cluster',
  service: 'sluice.v1.Cluster',
  method,
  kind: 'unary',
})

/** DescribeMetadata. */
export const metadata = mapThroughProto<
  'metadata',
  MetadataRequest,
  MetadataRequest__Output,
  MetadataResponse,
  MetadataResponse__Output
>(place('DescribeMetadata'), 'Metadata', {
  requestOut: ({ topics }) => {
    if (topics === 'all') return { scope: 'TOPIC_SCOPE_ALL' }
    if (topics === 'none') return { scope: 'TOPIC_SCOPE_NONE' }
    return { scope: 'TOPIC_SCOPE_NAMED', names: [...topics] }
  },
  requestIn: ({ scope, names }) => {
    if (scope === 'TOPIC_SCOPE_NAMED') return { topics: names }
    return { topics: scope === 'TOPIC_SCOPE_NONE' ? 'none' : 'all' }
  },
  responseOut: ({ clusterId, controllerId, metadataOffset, brokers, topics }) => ({
    clusterId,
    ...(controllerId !== undefined && { controllerId }),
    metadataOffset,
    brokers: brokers.map((broker) => ({ ...broker, endpoints: broker.endpoints.map(endpointOut) })),
    topics: topics.map(topicOut),
  }),
  responseIn: ({ clusterId, controllerId, metadataOffset, brokers, topics }) => ({
    clusterId: readClusterId(clusterId),
    ...(controllerId !== undefined && { controllerId: readNodeId(controllerId) }),
    metadataOffset: readOffset(metadataOffset),
    brokers: brokers.map(brokerIn),
    topics: topics.map(topicIn),
  }),
})

/** CreateTopics. */
export const createTopics = mapThroughProto<
  'create-topics',
  CreateTopicsRequest,
  CreateTopicsRequest__Output,
  CreateTopicsResponse,
  CreateTopicsResponse__Output
>(place('CreateTopics'), 'CreateTopics', {
  requestOut: ({ topics, validateOnly }) => ({
    validateOnly,
    topics: topics.map(({ assignments, configs, ...topic }) => ({
      ...topic,
      configs: { ...configs },
      ...assignmentsOut(assignments),
    })),
  }),
  requestIn: ({ topics, validateOnly }) => ({
    validateOnly,
    topics: topics.map(({ name, partitionCount, replicationFactor, assignments, configs }) => ({
      name,
      ...(partitionCount !== undefined && { partitionCount }),
      ...(replicationFactor !== undefined && { replicationFactor }),
      ...assignmentsIn(assignments),
      configs,
    })),
  }),
  responseOut: ({ topics }) => ({
    topics: topics.map(({ error, ...topic }) => ({ ...topic, ...errorOut(error) })),
  }),
  responseIn: ({ topics }) => ({
    topics: topics.map(({ name, error, topicId, partitionCount, replicationFactor }) => ({
      name,
      ...errorIn(error),
      ...(topicId !== undefined && { topicId: readTopicId(topicId) }),
      ...(partitionCount !== undefined && { partitionCount }),
      ...(replicationFactor !== undefined && { replicationFactor }),
    })),
  }),
})

/** DeleteTopics. */
export const deleteTopics = mapThroughProto<
  'delete-topics',
  DeleteTopicsRequest,
  DeleteTopicsRequest__Output,
  DeleteTopicsResponse,
  DeleteTopicsResponse__Output
>(place('DeleteTopics'), 'DeleteTopics', {
  requestOut: ({ names }) => ({ names: [...names] }),
  requestIn: ({ names }) => ({ names }),
  responseOut: ({ topics }) => ({
    topics: topics.map(({ name, error }) => ({ name, ...errorOut(error) })),
  }),
  responseIn: ({ topics }) => ({
    topics: topics.map(({ name, error }) => ({ name, ...errorIn(error) })),
  }),
})

/** CreatePartitions. */
export const createPartitions = mapThroughProto<
  'create-partitions',
  CreatePartitionsRequest,
  CreatePartitionsRequest__Output,
  CreatePartitionsResponse,
  CreatePartitionsResponse__Output
>(place('CreatePartitions'), 'CreatePartitions', {
  requestOut: ({ topics, validateOnly }) => ({
    validateOnly,
    topics: topics.map(({ name, partitionCount, assignments }) => ({
      name,
      partitionCount,
      ...assignmentsOut(assignments),
    })),
  }),
  requestIn: ({ topics, validateOnly }) => ({
    validateOnly,
    topics: topics.map(({ name, partitionCount, assignments }) => ({
      name,
      partitionCount,
      ...assignmentsIn(assignments),
    })),
  }),
  responseOut: ({ topics }) => ({
    topics: topics.map(({ name, error }) => ({ name, ...errorOut(error) })),
  }),
  responseIn: ({ topics }) => ({
    topics: topics.map(({ name, error }) => ({ name, ...errorIn(error) })),
  }),
})

/** AlterConfigs. */
export const alterConfigs = mapThroughProto<
  'alter-configs',
  AlterConfigsRequest,
  AlterConfigsRequest__Output,
  AlterConfigsResponse,
  AlterConfigsResponse__Output
>(place('AlterConfigs'), 'AlterConfigs', {
  requestOut: ({ resources, validateOnly }) => ({
    validateOnly,
    resources: resources.map(({ resource, changes }) => ({
      resource: resourceOut(resource),
      changes: [...changes],
    })),
  }),
  requestIn: ({ resources, validateOnly }) => ({
    validateOnly,
    resources: resources.map(({ resource, changes }) => ({
      resource: resourceIn(resource),
      changes: changes.map(({ key, value }) => ({ key, ...(value !== undefined && { value }) })),
    })),
  }),
  responseOut: ({ resources }) => ({
    resources: resources.map(({ resource, error }) => ({
      resource: resourceOut(resource),
      ...errorOut(error),
    })),
  }),
  responseIn: ({ resources }) => ({
    resources: resources.map(({ resource, error }) => ({
      resource: resourceIn(resource),
      ...errorIn(error),
    })),
  }),
})

/** DescribeConfigs. */
export const describeConfigs = mapThroughProto<
  'describe-configs',
  DescribeConfigsRequest,
  DescribeConfigsRequest__Output,
  DescribeConfigsResponse,
  DescribeConfigsResponse__Output
>(place('DescribeConfigs'), 'DescribeConfigs', {
  requestOut: ({ resources }) => ({ resources: resources.map(resourceOut) }),
  requestIn: ({ resources }) => ({ resources: resources.map(resourceIn) }),
  responseOut: ({ resources }) => ({
    resources: resources.map(({ resource, error, entries }) => ({
      resource: resourceOut(resource),
      ...errorOut(error),
      entries: entries.map((entry) => ({ ...entry, source: sourceNames[entry.source] })),
    })),
  }),
  responseIn: ({ resources }) => ({
    resources: resources.map(({ resource, error, entries }) => ({
      resource: resourceIn(resource),
      ...errorIn(error),
      entries: entries.map(entryIn),
    })),
  }),
})

/** ElectLeaders. */
export const electLeaders = mapThroughProto<
  'elect-leaders',
  ElectLeadersRequest,
  ElectLeadersRequest__Output,
  ElectLeadersResponse,
  ElectLeadersResponse__Output
>(place('ElectLeaders'), 'ElectLeaders', {
  requestOut: ({ partitions }) =>
    partitions === undefined ? { all: true } : { partitions: [...partitions] },
  requestIn: ({ all, partitions }) =>
    all
      ? {}
      : {
          partitions: partitions.map(({ topic, partition }) => ({
            topic,
            partition: readPartition(partition),
          })),
        },
  responseOut: ({ partitions }) => ({
    partitions: partitions.map(({ topic, partition, error }) => ({
      topic,
      partition,
      ...errorOut(error),
    })),
  }),
  responseIn: ({ partitions }) => ({
    partitions: partitions.map(({ topic, partition, error }) => ({
      topic,
      partition: readPartition(partition),
      ...errorIn(error),
    })),
  }),
})

function brokerIn(message: BrokerDescription__Output): BrokerDescription {
  const { id, epoch, rack, endpoints, isFenced, inControlledShutdown } = message
  return {
    id: readNodeId(id),
    epoch: readBrokerEpoch(epoch),
    ...(rack !== undefined && { rack }),
    endpoints: endpoints.map(endpointIn),
    isFenced,
    inControlledShutdown,
  }
}

function topicOut(topic: TopicDescription): WireTopicDescription {
  return {
    name: topic.name,
    ...errorOut(topic.error),
    ...(topic.id !== undefined && { id: topic.id }),
    partitions: topic.partitions.map((partition) => ({
      ...partition,
      replicas: [...partition.replicas],
      isr: [...partition.isr],
      elr: [...partition.elr],
    })),
  }
}

function topicIn(message: TopicDescription__Output): TopicDescription {
  return {
    name: message.name,
    ...errorIn(message.error),
    ...(message.id !== undefined && { id: readTopicId(message.id) }),
    partitions: message.partitions.map(partitionIn),
  }
}

function partitionIn(message: PartitionDescription__Output): PartitionDescription {
  return {
    partition: readPartition(message.partition),
    ...(message.leader !== undefined && { leader: readNodeId(message.leader) }),
    leaderEpoch: readEpoch(message.leaderEpoch),
    partitionEpoch: readPartitionEpoch(message.partitionEpoch),
    replicas: message.replicas.map(readNodeId),
    isr: message.isr.map(readNodeId),
    elr: message.elr.map(readNodeId),
  }
}

function assignmentsOut(assignments: readonly (readonly NodeId[])[] | undefined): {
  assignments?: ReplicaAssignment[]
} {
  if (assignments === undefined) return {}
  return { assignments: assignments.map((replicas) => ({ replicas: [...replicas] })) }
}

function assignmentsIn(assignments: readonly ReplicaAssignment__Output[]): {
  readonly assignments?: readonly (readonly NodeId[])[]
} {
  if (assignments.length === 0) return {}
  return { assignments: assignments.map(({ replicas }) => replicas.map(readNodeId)) }
}

const typeNames = {
  topic: 'CONFIG_RESOURCE_TYPE_TOPIC',
  broker: 'CONFIG_RESOURCE_TYPE_BROKER',
  cluster: 'CONFIG_RESOURCE_TYPE_CLUSTER',
} as const

function resourceOut({ type, name }: ConfigResource): WireConfigResource {
  return { type: typeNames[type], name }
}

function resourceIn(message: ConfigResource__Output | null): ConfigResource {
  const { type, name } = required(message, 'the resource')
  switch (type) {
    case 'CONFIG_RESOURCE_TYPE_TOPIC':
      return { type: 'topic', name }
    case 'CONFIG_RESOURCE_TYPE_BROKER':
      return { type: 'broker', name }
    case 'CONFIG_RESOURCE_TYPE_CLUSTER':
      return { type: 'cluster', name }
    default:
      throw new MalformedBytesError('a resource without a type')
  }
}

const sourceNames = {
  default: 'CONFIG_SOURCE_DEFAULT',
  static: 'CONFIG_SOURCE_STATIC',
  cluster: 'CONFIG_SOURCE_CLUSTER',
  broker: 'CONFIG_SOURCE_BROKER',
  topic: 'CONFIG_SOURCE_TOPIC',
} as const

const sources: Readonly<Record<ConfigEntry__Output['source'], ConfigEntry['source']>> = {
  CONFIG_SOURCE_DEFAULT: 'default',
  CONFIG_SOURCE_STATIC: 'static',
  CONFIG_SOURCE_CLUSTER: 'cluster',
  CONFIG_SOURCE_BROKER: 'broker',
  CONFIG_SOURCE_TOPIC: 'topic',
}

function entryIn(message: ConfigEntry__Output): ConfigEntry {
  const { key, value, source, isReadOnly, doc } = message
  return { key, value, source: sources[source], isReadOnly, doc }
}
