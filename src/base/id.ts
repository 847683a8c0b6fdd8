/**
 * The named ids and quantities that every ring shares. A plain number or string becomes one of them
 * only through its constructor here, which checks it; inside, they are trusted.
 */
import { assert } from './assert.ts'

declare const name: unique symbol
type Named<T, N extends string> = T & { readonly [name]: N }

/** Id of a node of the cluster (`node.id`): a safe integer, zero or more. */
export type NodeId = Named<number, 'NodeId'>
/** Grows with each registration of a broker; the offset of its RegisterBroker record. */
export type BrokerEpoch = Named<number, 'BrokerEpoch'>
/** Position of a record in a log: a safe integer, zero or more. */
export type Offset = Named<number, 'Offset'>
/** Leader epoch of a partition, or epoch of the metadata quorum: zero or more. */
export type Epoch = Named<number, 'Epoch'>
/** Version of a partition's ISR and leadership in the metadata: zero or more. */
export type PartitionEpoch = Named<number, 'PartitionEpoch'>
/** Index of a partition in its topic, 0-based. */
export type PartitionIndex = Named<number, 'PartitionIndex'>
/** Id of one life of a topic: 22 characters of base64url (16 random bytes). */
export type TopicId = Named<string, 'TopicId'>
/** Id of one life of a log directory: 22 characters of base64url. */
export type DirectoryId = Named<string, 'DirectoryId'>
/** Id of the cluster: 22 characters of base64url. */
export type ClusterId = Named<string, 'ClusterId'>
/** Id of one life of a broker process: 22 characters of base64url. */
export type IncarnationId = Named<string, 'IncarnationId'>

const uuidPattern = /^[A-Za-z0-9_-]{22}$/

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/** Checks and names a node id. */
export function nodeId(value: number): NodeId {
  assert(isCount(value) && value <= 0x7fffffff, `not a node id: ${String(value)}`)
  return value as NodeId
}

/** Checks and names a broker epoch. */
export function brokerEpoch(value: number): BrokerEpoch {
  assert(isCount(value), `not a broker epoch: ${String(value)}`)
  return value as BrokerEpoch
}

/** Checks and names an offset. */
export function offset(value: number): Offset {
  // The message is made only when it is needed: this runs once a record.
  if (!isCount(value)) assert(false, `not an offset: ${String(value)}`)
  return value as Offset
}

/** Checks and names a leader or quorum epoch. */
export function epoch(value: number): Epoch {
  assert(isCount(value) && value <= 0x7fffffff, `not an epoch: ${String(value)}`)
  return value as Epoch
}

/** Checks and names a partition epoch. */
export function partitionEpoch(value: number): PartitionEpoch {
  assert(isCount(value) && value <= 0x7fffffff, `not a partition epoch: ${String(value)}`)
  return value as PartitionEpoch
}

/** Checks and names a partition index. */
export function partitionIndex(value: number): PartitionIndex {
  assert(isCount(value) && value <= 0x7fffffff, `not a partition index: ${String(value)}`)
  return value as PartitionIndex
}

/** True for the 22 base64url characters of a 16-byte id. */
export function isUuid(value: string): boolean {
  return uuidPattern.test(value)
}

/** Checks and names a topic id. */
export function topicId(value: string): TopicId {
  assert(isUuid(value), `not a topic id: ${value}`)
  return value as TopicId
}

/** Checks and names a directory id. */
export function directoryId(value: string): DirectoryId {
  assert(isUuid(value), `not a directory id: ${value}`)
  return value as DirectoryId
}

/** Checks and names a cluster id. */
export function clusterId(value: string): ClusterId {
  assert(isUuid(value), `not a cluster id: ${value}`)
  return value as ClusterId
}

/** Checks and names an incarnation id. */
export function incarnationId(value: string): IncarnationId {
  assert(isUuid(value), `not an incarnation id: ${value}`)
  return value as IncarnationId
}
