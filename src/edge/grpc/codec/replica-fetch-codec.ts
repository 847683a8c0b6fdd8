/** `ReplicaFetchRequest` and `ReplicaFetchResponse` by hand: record bytes pass through without a copy of their own. */
import type {
  ReplicaFetched,
  ReplicaFetchRequest,
  ReplicaFetchResponse,
  ReplicaPosition,
} from '../../../core/api/replica-fetch.ts'
import { fetchedMessage, type OwnFields, readFetched, readFetchedList } from './fetched-codec.ts'
import {
  readBrokerEpoch,
  readEpoch,
  readNodeId,
  readOffset,
  readPartition,
  readTopicId,
} from './named.ts'
import {
  bytesSize,
  intSize,
  messageSize,
  optionalIntSize,
  SizedMessage,
  type WireMessage,
  WireReader,
} from './wire-bytes.ts'

type Forgotten = ReplicaFetchRequest['forgotten'][number]
type Diverging = NonNullable<ReplicaFetched['diverging']>

/** The request as a message. */
export function replicaFetchRequestMessage(request: ReplicaFetchRequest): WireMessage {
  let length =
    intSize(request.replicaId) +
    intSize(request.brokerEpoch) +
    intSize(request.sessionId) +
    intSize(request.sequence) +
    intSize(request.waitMsMax) +
    intSize(request.bytesMax)
  for (const position of request.positions) length += messageSize(positionSize(position))
  for (const gone of request.forgotten) length += messageSize(forgottenSize(gone))
  return new SizedMessage(length, (writer) => {
    writer.int(1, request.replicaId)
    writer.int(2, request.brokerEpoch)
    writer.int(3, request.sessionId)
    writer.int(4, request.sequence)
    writer.int(5, request.waitMsMax)
    writer.int(6, request.bytesMax)
    for (const position of request.positions) {
      writer.head(7, positionSize(position))
      writer.ascii(1, position.topicId)
      writer.int(2, position.partition)
      writer.int(3, position.leaderEpoch)
      writer.int(4, position.fetchOffset)
      writer.optionalInt(5, position.lastFetchedEpoch)
      writer.int(6, position.durableOffset)
      writer.int(7, position.highWatermark)
      writer.int(8, position.logStartOffset)
    }
    for (const gone of request.forgotten) {
      writer.head(8, forgottenSize(gone))
      writer.ascii(1, gone.topicId)
      writer.int(2, gone.partition)
    }
  })
}

/** The request read. */
export function readReplicaFetchRequest(bytes: Buffer): ReplicaFetchRequest {
  const reader = new WireReader(bytes)
  const positions: ReplicaPosition[] = []
  const forgotten: Forgotten[] = []
  let replicaId = 0
  let brokerEpoch = 0
  let sessionId = 0
  let sequence = 0
  let waitMsMax = 0
  let bytesMax = 0
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 8) replicaId = reader.int()
    else if (tag === 16) brokerEpoch = reader.int()
    else if (tag === 24) sessionId = reader.int()
    else if (tag === 32) sequence = reader.int()
    else if (tag === 40) waitMsMax = reader.int()
    else if (tag === 48) bytesMax = reader.int()
    else if (tag === 58) positions.push(readPosition(reader.message()))
    else if (tag === 66) forgotten.push(readForgotten(reader.message()))
    else reader.skip(tag)
  }
  return {
    replicaId: readNodeId(replicaId),
    brokerEpoch: readBrokerEpoch(brokerEpoch),
    sessionId,
    sequence,
    waitMsMax,
    bytesMax,
    positions,
    forgotten,
  }
}

/** The response as a message; its records are read when the message is written to the wire. */
export function replicaFetchResponseMessage(response: ReplicaFetchResponse): WireMessage {
  return fetchedMessage(response.partitions, ownFields)
}

/** The response read; the records of a partition are one view of `bytes`, or none. */
export function readReplicaFetchResponse(bytes: Buffer): ReplicaFetchResponse {
  return { partitions: readFetchedList(bytes, readOne) }
}

const ownFields: OwnFields<ReplicaFetched> = {
  size: ({ diverging, highWatermark, logStartOffset }) =>
    (diverging === undefined ? 0 : messageSize(divergingSize(diverging))) +
    intSize(highWatermark) +
    intSize(logStartOffset),
  write: (writer, { diverging, highWatermark, logStartOffset }) => {
    if (diverging !== undefined) {
      writer.head(4, divergingSize(diverging))
      writer.int(1, diverging.epoch)
      writer.int(2, diverging.endOffset)
    }
    writer.int(5, highWatermark)
    writer.int(6, logStartOffset)
  },
}

function positionSize(position: ReplicaPosition): number {
  return (
    bytesSize(position.topicId.length) +
    intSize(position.partition) +
    intSize(position.leaderEpoch) +
    intSize(position.fetchOffset) +
    optionalIntSize(position.lastFetchedEpoch) +
    intSize(position.durableOffset) +
    intSize(position.highWatermark) +
    intSize(position.logStartOffset)
  )
}

function forgottenSize(gone: Forgotten): number {
  return bytesSize(gone.topicId.length) + intSize(gone.partition)
}

function divergingSize(diverging: Diverging): number {
  return intSize(diverging.epoch) + intSize(diverging.endOffset)
}

function readPosition(reader: WireReader): ReplicaPosition {
  let id = ''
  let partition = 0
  let leaderEpoch = 0
  let fetchOffset = 0
  let lastFetchedEpoch: number | undefined
  let durableOffset = 0
  let highWatermark = 0
  let logStartOffset = 0
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) id = reader.ascii()
    else if (tag === 16) partition = reader.int()
    else if (tag === 24) leaderEpoch = reader.int()
    else if (tag === 32) fetchOffset = reader.int()
    else if (tag === 40) lastFetchedEpoch = reader.int()
    else if (tag === 48) durableOffset = reader.int()
    else if (tag === 56) highWatermark = reader.int()
    else if (tag === 64) logStartOffset = reader.int()
    else reader.skip(tag)
  }
  return {
    topicId: readTopicId(id),
    partition: readPartition(partition),
    leaderEpoch: readEpoch(leaderEpoch),
    fetchOffset: readOffset(fetchOffset),
    ...(lastFetchedEpoch !== undefined && { lastFetchedEpoch: readEpoch(lastFetchedEpoch) }),
    durableOffset: readOffset(durableOffset),
    highWatermark: readOffset(highWatermark),
    logStartOffset: readOffset(logStartOffset),
  }
}

function readForgotten(reader: WireReader): Forgotten {
  let id = ''
  let partition = 0
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) id = reader.ascii()
    else if (tag === 16) partition = reader.int()
    else reader.skip(tag)
  }
  return { topicId: readTopicId(id), partition: readPartition(partition) }
}

function readOne(reader: WireReader): ReplicaFetched {
  let diverging: Diverging | undefined
  let highWatermark = 0
  let logStartOffset = 0
  const fetched = readFetched(reader, (tag, own) => {
    if (tag === 34) diverging = readDiverging(own.message())
    else if (tag === 40) highWatermark = own.int()
    else if (tag === 48) logStartOffset = own.int()
    else return false
    return true
  })
  return {
    ...fetched,
    ...(diverging && { diverging }),
    highWatermark: readOffset(highWatermark),
    logStartOffset: readOffset(logStartOffset),
  }
}

function readDiverging(reader: WireReader): Diverging {
  let epoch = 0
  let endOffset = 0
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 8) epoch = reader.int()
    else if (tag === 16) endOffset = reader.int()
    else reader.skip(tag)
  }
  return { epoch: readEpoch(epoch), endOffset: readOffset(endOffset) }
}
