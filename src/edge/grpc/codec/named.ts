/**
 * Ids and quantities from outside: what does not fit is `MalformedBytesError`, which is answered with
 * INVALID_REQUEST. Behind this file everything is trusted.
 */
import {
  type BrokerEpoch,
  brokerEpoch,
  type ClusterId,
  clusterId,
  type DirectoryId,
  directoryId,
  type Epoch,
  epoch,
  type IncarnationId,
  incarnationId,
  isUuid,
  type NodeId,
  nodeId,
  type Offset,
  offset,
  type PartitionEpoch,
  partitionEpoch,
  type PartitionIndex,
  partitionIndex,
  type TopicId,
  topicId,
} from '../../../base/id.ts'
import { producerEpochMax } from '../../../core/api/producer-ids.ts'
import { MalformedBytesError } from '../../../base/bytes.ts'

const int32Max = 0x7fffffff

/** A topic id. */
export function readTopicId(text: string): TopicId {
  return topicId(uuid(text, 'a topic id'))
}

/** A directory id. */
export function readDirectoryId(text: string): DirectoryId {
  return directoryId(uuid(text, 'a directory id'))
}

/** A cluster id. */
export function readClusterId(text: string): ClusterId {
  return clusterId(uuid(text, 'a cluster id'))
}

/** An incarnation id. */
export function readIncarnationId(text: string): IncarnationId {
  return incarnationId(uuid(text, 'an incarnation id'))
}

/** A partition's index. */
export function readPartition(value: number): PartitionIndex {
  return partitionIndex(count(value, int32Max, 'a partition'))
}

/** A node id. */
export function readNodeId(value: number): NodeId {
  return nodeId(count(value, int32Max, 'a node id'))
}

/** A leader or quorum epoch. */
export function readEpoch(value: number): Epoch {
  return epoch(count(value, int32Max, 'an epoch'))
}

/** A partition epoch. */
export function readPartitionEpoch(value: number): PartitionEpoch {
  return partitionEpoch(count(value, int32Max, 'a partition epoch'))
}

/** A broker epoch. */
export function readBrokerEpoch(value: number): BrokerEpoch {
  return brokerEpoch(count(value, Number.MAX_SAFE_INTEGER, 'a broker epoch'))
}

/** An offset. */
export function readOffset(value: number): Offset {
  return offset(count(value, Number.MAX_SAFE_INTEGER, 'an offset'))
}

/** A producer id, or how many of them. */
export function readProducerId(value: number): number {
  return count(value, Number.MAX_SAFE_INTEGER, 'a producer id')
}

/** A producer epoch. */
export function readProducerEpoch(value: number): number {
  return count(value, producerEpochMax, 'a producer epoch')
}

function uuid(text: string, what: string): string {
  if (!isUuid(text)) throw new MalformedBytesError(`not ${what} (22 characters of base64url)`)
  return text
}

function count(value: number, max: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new MalformedBytesError(`not ${what}: ${value}`)
  }
  return value
}
