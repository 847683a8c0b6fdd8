/** What the log says of brokers: a registration, and changes of one. Source: KIP-631, KIP-841, KIP-858. */
import { type ByteReader, type ByteWriter, MalformedBytesError } from '../../../base/bytes.ts'
import {
  type BrokerEpoch,
  type DirectoryId,
  type IncarnationId,
  type NodeId,
} from '../../../base/id.ts'
import { type FeatureLevels, type ListenerEndpoint, type UncleanReplica } from '../image/image.ts'
import {
  readBoolean,
  readBrokerEpoch,
  readCount,
  readDirectoryIds,
  readEpoch,
  readIncarnationId,
  readList,
  readNodeId,
  readOffset,
  readPartition,
  readTopicId,
  writeBoolean,
  writeDirectoryIds,
  writeList,
  writeUuid,
  type RecordCodec,
} from './fields.ts'

/** A new incarnation of a broker, fenced. Its broker epoch is the offset of this record. */
export interface RegisterBrokerRecord {
  readonly type: 'register-broker'
  readonly brokerId: NodeId
  readonly incarnationId: IncarnationId
  readonly endpoints: readonly ListenerEndpoint[]
  readonly rack?: string
  readonly features: readonly FeatureLevels[]
  readonly directoryIds: readonly DirectoryId[]
  readonly uncleanLogs: readonly UncleanReplica[]
}

/** Changes the present registration of a broker; absent fields stay. */
export interface BrokerRegistrationChangeRecord {
  readonly type: 'broker-registration-change'
  readonly brokerId: NodeId
  /** Of the registration that is changed. */
  readonly brokerEpoch: BrokerEpoch
  readonly isFenced?: boolean
  readonly inControlledShutdown?: boolean
  /** The directories that are online from now on. */
  readonly directoryIds?: readonly DirectoryId[]
}

const uncleanReasons = ['interval', 'corrupt', 'damaged'] as const
const levelMax = 0x7fff

/** Bytes of RegisterBroker. */
export const registerBrokerCodec: RecordCodec<RegisterBrokerRecord> = {
  type: 'register-broker',
  number: 0,
  version: 1,
  write(writer, record) {
    writer.varint(record.brokerId)
    writeUuid(writer, record.incarnationId)
    writeList(writer, record.endpoints, (endpoint) => {
      writer.text(endpoint.listener).text(endpoint.host).uint16(endpoint.port)
    })
    writeBoolean(writer, record.rack !== undefined)
    if (record.rack !== undefined) writer.text(record.rack)
    writeList(writer, record.features, (feature) => {
      writer.text(feature.name).varint(feature.min).varint(feature.max)
    })
    writeDirectoryIds(writer, record.directoryIds)
    writeList(writer, record.uncleanLogs, (log) => {
      writeUncleanLog(writer, log)
    })
  },
  read(reader) {
    const brokerId = readNodeId(reader)
    const incarnationId = readIncarnationId(reader)
    const endpoints = readList(reader, 4, () => ({
      listener: reader.text(),
      host: reader.text(),
      port: reader.uint16(),
    }))
    const rack = readBoolean(reader) ? reader.text() : undefined
    const features = readList(reader, 3, () => ({
      name: reader.text(),
      min: readCount(reader, levelMax, 'feature level'),
      max: readCount(reader, levelMax, 'feature level'),
    }))
    const directoryIds = readDirectoryIds(reader)
    const uncleanLogs = readList(reader, 27, () => readUncleanLog(reader))
    return {
      type: 'register-broker',
      brokerId,
      incarnationId,
      endpoints,
      ...(rack !== undefined && { rack }),
      features,
      directoryIds,
      uncleanLogs,
    }
  },
}

function writeUncleanLog(writer: ByteWriter, log: UncleanReplica): void {
  writeUuid(writer, log.topicId)
  writer.varint(log.partition).uint8(uncleanReasons.indexOf(log.reason))
  writeBoolean(writer, log.lastEpoch !== undefined)
  if (log.lastEpoch !== undefined) writer.varint(log.lastEpoch)
  writer.int64(log.endOffset)
}

function readUncleanLog(reader: ByteReader): UncleanReplica {
  const topicId = readTopicId(reader)
  const partition = readPartition(reader)
  const reason = uncleanReasons[reader.uint8()]
  if (reason === undefined) throw new MalformedBytesError('an unknown reason of an unclean log')
  const lastEpoch = readBoolean(reader) ? readEpoch(reader) : undefined
  const endOffset = readOffset(reader)
  return { topicId, partition, reason, ...(lastEpoch !== undefined && { lastEpoch }), endOffset }
}

const hasFenced = 1
const hasShutdown = 2
const hasDirectories = 4

/** Bytes of BrokerRegistrationChange. */
export const brokerRegistrationChangeCodec: RecordCodec<BrokerRegistrationChangeRecord> = {
  type: 'broker-registration-change',
  number: 17,
  version: 1,
  write(writer, record) {
    const { isFenced, inControlledShutdown, directoryIds } = record
    writer.varint(record.brokerId).int64(record.brokerEpoch)
    writer.uint8(
      (isFenced === undefined ? 0 : hasFenced) +
        (inControlledShutdown === undefined ? 0 : hasShutdown) +
        (directoryIds === undefined ? 0 : hasDirectories),
    )
    if (isFenced !== undefined) writeBoolean(writer, isFenced)
    if (inControlledShutdown !== undefined) writeBoolean(writer, inControlledShutdown)
    if (directoryIds !== undefined) writeDirectoryIds(writer, directoryIds)
  },
  read(reader) {
    const brokerId = readNodeId(reader)
    const brokerEpoch = readBrokerEpoch(reader)
    const fields = reader.uint8()
    if (fields > 7) throw new MalformedBytesError('unknown fields of a registration change')
    return {
      type: 'broker-registration-change',
      brokerId,
      brokerEpoch,
      ...((fields & hasFenced) !== 0 && { isFenced: readBoolean(reader) }),
      ...((fields & hasShutdown) !== 0 && { inControlledShutdown: readBoolean(reader) }),
      ...((fields & hasDirectories) !== 0 && { directoryIds: readDirectoryIds(reader) }),
    }
  },
}
