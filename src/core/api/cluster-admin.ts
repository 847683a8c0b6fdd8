/**
 * Changes to topics and configs. Any broker takes them and forwards them to the active controller;
 * a controller's own listener takes them directly. Sources: Kafka CreateTopics, DeleteTopics,
 * CreatePartitions, IncrementalAlterConfigs, DescribeConfigs, ElectLeaders.
 */
import { type NodeId, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type ErrorCode } from './error-code.ts'

/** Why one item of a request was not done. */
export interface ItemError {
  readonly code: ErrorCode
  readonly message: string
}

/** A topic to create. Absent numbers take the cluster's defaults; `assignments` excludes both. */
export interface NewTopic {
  readonly name: string
  readonly partitionCount?: number
  readonly replicationFactor?: number
  /** Replicas of partition 0, 1, …; the first of each is the preferred leader. */
  readonly assignments?: readonly (readonly NodeId[])[]
  readonly configs: Readonly<Record<string, string>>
}

/** All or nothing per topic. */
export interface CreateTopicsRequest {
  readonly topics: readonly NewTopic[]
  /** Checks everything, changes nothing. */
  readonly validateOnly: boolean
}

/** In the request's order. */
export interface CreateTopicsResponse {
  readonly topics: readonly {
    readonly name: string
    readonly error?: ItemError
    readonly topicId?: TopicId
    readonly partitionCount?: number
    readonly replicationFactor?: number
  }[]
}

/** By name. */
export interface DeleteTopicsRequest {
  readonly names: readonly string[]
}

/** In the request's order. */
export interface DeleteTopicsResponse {
  readonly topics: readonly { readonly name: string; readonly error?: ItemError }[]
}

/** Raises a topic's partition count to `partitionCount`. */
export interface CreatePartitionsRequest {
  readonly topics: readonly {
    readonly name: string
    readonly partitionCount: number
    readonly assignments?: readonly (readonly NodeId[])[]
  }[]
  readonly validateOnly: boolean
}

/** In the request's order. */
export interface CreatePartitionsResponse {
  readonly topics: readonly { readonly name: string; readonly error?: ItemError }[]
}

/** A topic by name, a broker by id, or `cluster` (name '') for all brokers' default. */
export interface ConfigResource {
  readonly type: 'topic' | 'broker' | 'cluster'
  readonly name: string
}

/** Sets (`value`) or unsets (absent) keys; all or nothing per resource. */
export interface AlterConfigsRequest {
  readonly resources: readonly {
    readonly resource: ConfigResource
    readonly changes: readonly { readonly key: string; readonly value?: string }[]
  }[]
  readonly validateOnly: boolean
}

/** In the request's order. */
export interface AlterConfigsResponse {
  readonly resources: readonly { readonly resource: ConfigResource; readonly error?: ItemError }[]
}

/** Asks for the effective values of resources. */
export interface DescribeConfigsRequest {
  readonly resources: readonly ConfigResource[]
}

/** One setting as it is in force. */
export interface ConfigEntry {
  readonly key: string
  readonly value: string
  readonly source: 'topic' | 'broker' | 'cluster' | 'static' | 'default'
  readonly isReadOnly: boolean
  readonly doc: string
}

/** In the request's order. */
export interface DescribeConfigsResponse {
  readonly resources: readonly {
    readonly resource: ConfigResource
    readonly error?: ItemError
    readonly entries: readonly ConfigEntry[]
  }[]
}

/** Moves leadership to the preferred replica; absent partitions: all. */
export interface ElectLeadersRequest {
  readonly partitions?: readonly { readonly topic: string; readonly partition: PartitionIndex }[]
}

/** Partitions where something was asked for or changed. */
export interface ElectLeadersResponse {
  readonly partitions: readonly {
    readonly topic: string
    readonly partition: PartitionIndex
    readonly error?: ItemError
  }[]
}
