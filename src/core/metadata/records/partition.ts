/** What the log says of partitions: a new one, and changes of one. Source: KIP-631, KIP-858, KIP-966. */
import { type ByteReader, type ByteWriter, MalformedBytesError } from '../../../base/bytes.ts'
import {
  type DirectoryId,
  type NodeId,
  type PartitionIndex,
  type TopicId,
} from '../../../base/id.ts'
import {
  readBoolean,
  readDirectoryIds,
  readNodeId,
  readNodeIds,
  readPartition,
  readTopicId,
  writeBoolean,
  writeDirectoryIds,
  writeNodeIds,
  writeUuid,
  type RecordCodec,
} from './fields.ts'

/** A new partition, at leader epoch 0 and partition epoch 0. */
export interface PartitionRecord {
  readonly type: 'partition'
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly replicas: readonly NodeId[]
  /** Directory of each replica, same order. */
  readonly directories: readonly DirectoryId[]
  readonly isr: readonly NodeId[]
  readonly elr: readonly NodeId[]
  readonly lastKnownElr: readonly NodeId[]
  readonly addingReplicas: readonly NodeId[]
  readonly removingReplicas: readonly NodeId[]
  readonly leader?: NodeId
}

/**
 * Changes a partition; absent fields stay. Its replay raises the partition epoch by one, and the
 * leader epoch by one when `leader` is present, also when it names the same broker again.
 */
export interface PartitionChangeRecord {
  readonly type: 'partition-change'
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly replicas?: readonly NodeId[]
  readonly directories?: readonly DirectoryId[]
  readonly isr?: readonly NodeId[]
  readonly elr?: readonly NodeId[]
  readonly lastKnownElr?: readonly NodeId[]
  readonly addingReplicas?: readonly NodeId[]
  readonly removingReplicas?: readonly NodeId[]
  readonly leader?: NodeId | 'none'
  /** True when the election that this records may have lost committed records. */
  readonly isUnclean?: true
}

/** Bytes of Partition. */
export const partitionCodec: RecordCodec<PartitionRecord> = {
  type: 'partition',
  number: 3,
  version: 1,
  write(writer, record) {
    writeUuid(writer, record.topicId)
    writer.varint(record.partition)
    writeNodeIds(writer, record.replicas)
    writeDirectoryIds(writer, record.directories)
    writeNodeIds(writer, record.isr)
    writeNodeIds(writer, record.elr)
    writeNodeIds(writer, record.lastKnownElr)
    writeNodeIds(writer, record.addingReplicas)
    writeNodeIds(writer, record.removingReplicas)
    writeBoolean(writer, record.leader !== undefined)
    if (record.leader !== undefined) writer.varint(record.leader)
  },
  read(reader) {
    return {
      type: 'partition',
      topicId: readTopicId(reader),
      partition: readPartition(reader),
      replicas: readNodeIds(reader),
      directories: readDirectoryIds(reader),
      isr: readNodeIds(reader),
      elr: readNodeIds(reader),
      lastKnownElr: readNodeIds(reader),
      addingReplicas: readNodeIds(reader),
      removingReplicas: readNodeIds(reader),
      ...(readBoolean(reader) && { leader: readNodeId(reader) }),
    }
  },
}

// The lists of a change in the order of their bits and bytes.
const lists = [
  'replicas',
  'isr',
  'elr',
  'lastKnownElr',
  'addingReplicas',
  'removingReplicas',
] as const
const hasDirectories = 1 << 6
const hasLeader = 1 << 7
const hasNoLeader = 1 << 8
const isUnclean = 1 << 9
const knownFields = (1 << 10) - 1

/** Bytes of PartitionChange. */
export const partitionChangeCodec: RecordCodec<PartitionChangeRecord> = {
  type: 'partition-change',
  number: 5,
  version: 1,
  write(writer, record) {
    writeUuid(writer, record.topicId)
    writer.varint(record.partition)
    writer.uint16(fieldsOf(record))
    for (const list of lists) writeIfPresent(writer, record[list])
    if (record.directories !== undefined) writeDirectoryIds(writer, record.directories)
    if (record.leader !== undefined && record.leader !== 'none') writer.varint(record.leader)
  },
  read(reader) {
    const topicId = readTopicId(reader)
    const partition = readPartition(reader)
    const fields = reader.uint16()
    if (fields > knownFields) throw new MalformedBytesError('unknown fields of a partition change')
    const changed = readLists(reader, fields)
    return {
      type: 'partition-change',
      topicId,
      partition,
      ...changed,
      ...((fields & hasDirectories) !== 0 && { directories: readDirectoryIds(reader) }),
      ...((fields & hasLeader) !== 0 && { leader: readNodeId(reader) }),
      ...((fields & hasNoLeader) !== 0 && { leader: 'none' as const }),
      ...((fields & isUnclean) !== 0 && { isUnclean: true as const }),
    }
  },
}

function fieldsOf(record: PartitionChangeRecord): number {
  let fields = 0
  lists.forEach((list, index) => {
    if (record[list] !== undefined) fields |= 1 << index
  })
  if (record.directories !== undefined) fields |= hasDirectories
  if (record.leader === 'none') fields |= hasNoLeader
  else if (record.leader !== undefined) fields |= hasLeader
  if (record.isUnclean === true) fields |= isUnclean
  return fields
}

function writeIfPresent(writer: ByteWriter, ids: readonly NodeId[] | undefined): void {
  if (ids !== undefined) writeNodeIds(writer, ids)
}

type ChangedLists = Partial<Record<(typeof lists)[number], readonly NodeId[]>>

function readLists(reader: ByteReader, fields: number): ChangedLists {
  const changed: ChangedLists = {}
  lists.forEach((list, index) => {
    if ((fields & (1 << index)) !== 0) changed[list] = readNodeIds(reader)
  })
  return changed
}
