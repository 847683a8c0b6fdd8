/** `FetchRequest` and `FetchResponse` by hand: record bytes pass through without a copy of their own. */
import type {
  FetchRequest,
  FetchResponse,
  Isolation,
  PartitionFetch,
  PartitionFetched,
} from '../../../core/api/fetch.ts'
import { MalformedBytesError } from '../../../base/bytes.ts'
import { fetchedMessage, type OwnFields, readFetched, readFetchedList } from './fetched-codec.ts'
import { readEpoch, readOffset, readPartition, readTopicId } from './named.ts'
import {
  bytesSize,
  intSize,
  messageSize,
  optionalIntSize,
  SizedMessage,
  type WireMessage,
  WireReader,
} from './wire-bytes.ts'

const isolations: readonly Isolation[] = ['committed', 'uncommitted']

/** The request as a message. */
export function fetchRequestMessage(request: FetchRequest): WireMessage {
  const isolation = isolations.indexOf(request.isolation)
  let length =
    intSize(request.waitMsMax) +
    intSize(request.bytesMin) +
    intSize(request.bytesMax) +
    intSize(isolation)
  for (const entry of request.partitions) length += messageSize(questionSize(entry))
  return new SizedMessage(length, (writer) => {
    writer.int(1, request.waitMsMax)
    writer.int(2, request.bytesMin)
    writer.int(3, request.bytesMax)
    writer.int(4, isolation)
    for (const entry of request.partitions) {
      writer.head(5, questionSize(entry))
      writer.ascii(1, entry.topicId)
      writer.int(2, entry.partition)
      writer.int(3, entry.fetchOffset)
      writer.optionalInt(4, entry.leaderEpoch)
      writer.int(5, entry.bytesMax)
      writer.optionalInt(6, suspicion(entry))
    }
  })
}

/** The request read. */
export function readFetchRequest(bytes: Buffer): FetchRequest {
  const reader = new WireReader(bytes)
  const partitions: PartitionFetch[] = []
  let waitMsMax = 0
  let bytesMin = 0
  let bytesMax = 0
  let isolation: Isolation | undefined = 'committed'
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 8) waitMsMax = reader.int()
    else if (tag === 16) bytesMin = reader.int()
    else if (tag === 24) bytesMax = reader.int()
    else if (tag === 32) isolation = isolations[reader.int()]
    else if (tag === 42) partitions.push(readQuestion(reader.message()))
    else reader.skip(tag)
  }
  if (isolation === undefined) throw new MalformedBytesError('an unknown isolation')
  return { waitMsMax, bytesMin, bytesMax, isolation, partitions }
}

/** The response as a message; its records are read when the message is written to the wire. */
export function fetchResponseMessage(response: FetchResponse): WireMessage {
  return fetchedMessage(response.partitions, ownFields)
}

/** The response read; the records of a partition are one view of `bytes`, or none. */
export function readFetchResponse(bytes: Buffer): FetchResponse {
  return { partitions: readFetchedList(bytes, readOne) }
}

const ownFields: OwnFields<PartitionFetched> = {
  size: (fetched) =>
    intSize(fetched.highWatermark) +
    intSize(fetched.lastStableOffset) +
    intSize(fetched.logStartOffset),
  write: (writer, fetched) => {
    writer.int(4, fetched.highWatermark)
    writer.int(5, fetched.lastStableOffset)
    writer.int(6, fetched.logStartOffset)
  },
}

function questionSize(entry: PartitionFetch): number {
  return (
    bytesSize(entry.topicId.length) +
    intSize(entry.partition) +
    intSize(entry.fetchOffset) +
    optionalIntSize(entry.leaderEpoch) +
    intSize(entry.bytesMax) +
    optionalIntSize(suspicion(entry))
  )
}

// Left out when there is none.
function suspicion({ isSuspect }: PartitionFetch): number | undefined {
  return isSuspect === true ? 1 : undefined
}

function readQuestion(reader: WireReader): PartitionFetch {
  let id = ''
  let partition = 0
  let fetchOffset = 0
  let leaderEpoch: number | undefined
  let bytesMax = 0
  let isSuspect = false
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) id = reader.ascii()
    else if (tag === 16) partition = reader.int()
    else if (tag === 24) fetchOffset = reader.int()
    else if (tag === 32) leaderEpoch = reader.int()
    else if (tag === 40) bytesMax = reader.int()
    else if (tag === 48) isSuspect = reader.int() !== 0
    else reader.skip(tag)
  }
  return {
    topicId: readTopicId(id),
    partition: readPartition(partition),
    fetchOffset: readOffset(fetchOffset),
    ...(leaderEpoch !== undefined && { leaderEpoch: readEpoch(leaderEpoch) }),
    bytesMax,
    ...(isSuspect && { isSuspect }),
  }
}

function readOne(reader: WireReader): PartitionFetched {
  let highWatermark = 0
  let lastStableOffset = 0
  let logStartOffset = 0
  const fetched = readFetched(reader, (tag, own) => {
    if (tag === 32) highWatermark = own.int()
    else if (tag === 40) lastStableOffset = own.int()
    else if (tag === 48) logStartOffset = own.int()
    else return false
    return true
  })
  return {
    ...fetched,
    highWatermark: readOffset(highWatermark),
    lastStableOffset: readOffset(lastStableOffset),
    logStartOffset: readOffset(logStartOffset),
  }
}
