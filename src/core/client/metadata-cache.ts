/**
 * The client's picture of the cluster. An answer of a broker that lags behind what is known never
 * replaces it: each topic, and the list of brokers, is kept from the answer with the highest
 * metadata offset.
 */
import { type ClusterId, type Epoch, type NodeId, type TopicId } from '../../base/id.ts'
import {
  type BrokerDescription,
  type MetadataResponse,
  type TopicDescription,
} from '../api/metadata.ts'

/** Who leads a partition, as far as known. */
export interface PartitionLeader {
  readonly topicId: TopicId
  readonly leader: NodeId | undefined
  readonly leaderEpoch: Epoch
}

interface Known<T> {
  readonly at: number
  readonly value: T
}

/** Topics and brokers, from answers in any order. */
export class MetadataCache {
  #clusterId: ClusterId | undefined
  #controllerId: NodeId | undefined
  #brokers: Known<readonly BrokerDescription[]> = { at: -1, value: [] }
  readonly #topics = new Map<string, Known<TopicDescription>>()

  /** The cluster that answered first; undefined before. */
  get clusterId(): ClusterId | undefined {
    return this.#clusterId
  }

  /** The active controller, as the newest answer knew it. */
  get controllerId(): NodeId | undefined {
    return this.#controllerId
  }

  /** Registered brokers; none before the first answer. */
  get brokers(): readonly BrokerDescription[] {
    return this.#brokers.value
  }

  /** Takes an answer over where it is not older; false when it is of another cluster, and then nothing changes. */
  learn(answer: MetadataResponse): boolean {
    if (this.#clusterId !== undefined && this.#clusterId !== answer.clusterId) return false
    this.#clusterId = answer.clusterId
    const at = answer.metadataOffset
    if (at >= this.#brokers.at) {
      this.#brokers = { at, value: answer.brokers }
      this.#controllerId = answer.controllerId
    }
    for (const topic of answer.topics) {
      if (at < (this.#topics.get(topic.name)?.at ?? -1)) continue
      const partitions = topic.partitions.toSorted((a, b) => a.partition - b.partition)
      this.#topics.set(topic.name, { at, value: { ...topic, partitions } })
    }
    return true
  }

  /** The topic as last described, errors included; undefined when it was never asked for. */
  topic(name: string): TopicDescription | undefined {
    return this.#topics.get(name)?.value
  }

  /** Names of all topics that were asked for. */
  topicNames(): readonly string[] {
    return [...this.#topics.keys()]
  }

  /** Nobody uses the topic any more: it is not asked for again. */
  forget(name: string): void {
    this.#topics.delete(name)
  }

  /** Who leads a partition; undefined when topic or partition are not known. */
  leaderOf(name: string, partition: number): PartitionLeader | undefined {
    const topic = this.topic(name)
    const found = topic?.partitions[partition]
    if (topic?.id === undefined || found === undefined) return undefined
    return { topicId: topic.id, leader: found.leader, leaderEpoch: found.leaderEpoch }
  }
}
