/**
 * Fields that several metadata records share, written and read. The readers check what they read
 * and throw `MalformedBytesError`, so that damaged bytes never look like a defect of ours.
 */
import { type ByteReader, type ByteWriter, MalformedBytesError } from '../../../base/bytes.ts'
import {
  brokerEpoch,
  directoryId,
  epoch,
  incarnationId,
  nodeId,
  offset,
  partitionIndex,
  topicId,
  type BrokerEpoch,
  type DirectoryId,
  type Epoch,
  type IncarnationId,
  type NodeId,
  type Offset,
  type PartitionIndex,
  type TopicId,
} from '../../../base/id.ts'
import { uuidFromBytes, uuidToBytes } from '../../../base/uuid.ts'

const uuidBytes = 16
const int32Max = 0x7fffffff

/** How one record type is written and read; `version` is the one written and the highest one read. */
export interface RecordCodec<R extends { readonly type: string }> {
  readonly type: R['type']
  /** On disk. Kafka's number where Kafka has the record. */
  readonly number: number
  readonly version: number
  readonly write: (writer: ByteWriter, record: R) => void
  readonly read: (reader: ByteReader, version: number) => R
}

/** A count of at most `max`. */
export function readCount(reader: ByteReader, max: number, what: string): number {
  return checkedCount(reader.varint(), max, what)
}

function checkedCount(value: number, max: number, what: string): number {
  if (value < 0 || value > max) throw new MalformedBytesError(`${value} is no ${what}`)
  return value
}

/** A node id. */
export function readNodeId(reader: ByteReader): NodeId {
  return nodeId(readCount(reader, int32Max, 'node id'))
}

/** A partition index. */
export function readPartition(reader: ByteReader): PartitionIndex {
  return partitionIndex(readCount(reader, int32Max, 'partition'))
}

/** A leader epoch. */
export function readEpoch(reader: ByteReader): Epoch {
  return epoch(readCount(reader, int32Max, 'epoch'))
}

/** An offset: 8 bytes, since a varint ends at 2^52. */
export function readOffset(reader: ByteReader): Offset {
  return offset(checkedCount(reader.int64(), Number.MAX_SAFE_INTEGER, 'offset'))
}

/** A broker epoch, which is an offset. */
export function readBrokerEpoch(reader: ByteReader): BrokerEpoch {
  return brokerEpoch(checkedCount(reader.int64(), Number.MAX_SAFE_INTEGER, 'broker epoch'))
}

/** A producer id. */
export function readProducerId(reader: ByteReader): number {
  return checkedCount(reader.int64(), Number.MAX_SAFE_INTEGER, 'producer id')
}

/** An id of 16 bytes. */
export function writeUuid(writer: ByteWriter, id: string): void {
  writer.bytes(uuidToBytes(id))
}

/** A topic id. */
export function readTopicId(reader: ByteReader): TopicId {
  return topicId(uuidFromBytes(reader.bytes(uuidBytes)))
}

function readDirectoryId(reader: ByteReader): DirectoryId {
  return directoryId(uuidFromBytes(reader.bytes(uuidBytes)))
}

/** An incarnation id. */
export function readIncarnationId(reader: ByteReader): IncarnationId {
  return incarnationId(uuidFromBytes(reader.bytes(uuidBytes)))
}

/** A truth value as one byte. */
export function writeBoolean(writer: ByteWriter, value: boolean): void {
  writer.uint8(value ? 1 : 0)
}

/** A truth value. */
export function readBoolean(reader: ByteReader): boolean {
  const value = reader.uint8()
  if (value > 1) throw new MalformedBytesError(`${value} is no truth value`)
  return value === 1
}

/** A list with its count before it. */
export function writeList<T>(
  writer: ByteWriter,
  items: readonly T[],
  write: (item: T) => void,
): void {
  writer.varint(items.length)
  items.forEach(write)
}

/** A list whose items take at least `bytesMin` bytes each. */
export function readList<T>(reader: ByteReader, bytesMin: number, read: () => T): readonly T[] {
  return Array.from({ length: reader.count(bytesMin) }, read)
}

/** A list of node ids. */
export function writeNodeIds(writer: ByteWriter, ids: readonly NodeId[]): void {
  writeList(writer, ids, (id) => writer.varint(id))
}

/** A list of node ids. */
export function readNodeIds(reader: ByteReader): readonly NodeId[] {
  return readList(reader, 1, () => readNodeId(reader))
}

/** A list of directory ids. */
export function writeDirectoryIds(writer: ByteWriter, ids: readonly DirectoryId[]): void {
  writeList(writer, ids, (id) => {
    writeUuid(writer, id)
  })
}

/** A list of directory ids. */
export function readDirectoryIds(reader: ByteReader): readonly DirectoryId[] {
  return readList(reader, uuidBytes, () => readDirectoryId(reader))
}
