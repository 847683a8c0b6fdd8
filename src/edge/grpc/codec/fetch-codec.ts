/** `FetchRequest` and `FetchResponse` by hand: record bytes pass through without a copy of their own. */
import type {
  FetchRequest,
  FetchResponse,
  Isolation,
  PartitionFetch,
  PartitionFetched,
} from '../../../core/api/fetch.ts'
import type { ItemError } from '../../../core/api/cluster-admin.ts'
import { MalformedBytesError } from '../../../base/bytes.ts'
import { readItemError, refusalMessage } from './refusal-codec.ts'
import { readEpoch, readOffset, readPartition, readTopicId } from './named.ts'
import {
  bytesSize,
  intSize,
  messageSize,
  optionalIntSize,
  SizedMessage,
  sizeOfSlices,
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
  const parts = response.partitions.map((fetched) => {
    const error = fetched.error && refusalMessage(fetched.error)
    const recordBytes = sizeOfSlices(fetched.records)
    const length =
      bytesSize(fetched.topicId.length) +
      intSize(fetched.partition) +
      (error === undefined ? 0 : messageSize(error.length)) +
      intSize(fetched.highWatermark) +
      intSize(fetched.lastStableOffset) +
      intSize(fetched.logStartOffset) +
      bytesSize(recordBytes)
    return { fetched, error, recordBytes, length }
  })
  let length = 0
  for (const part of parts) length += messageSize(part.length)
  return new SizedMessage(length, (writer) => {
    for (const { fetched, error, recordBytes, length: partLength } of parts) {
      writer.head(1, partLength)
      writer.ascii(1, fetched.topicId)
      writer.int(2, fetched.partition)
      if (error !== undefined) writer.message(3, error)
      writer.int(4, fetched.highWatermark)
      writer.int(5, fetched.lastStableOffset)
      writer.int(6, fetched.logStartOffset)
      writer.slices(7, recordBytes, fetched.records)
    }
  })
}

/** The response read; the records of a partition are one view of `bytes`, or none. */
export function readFetchResponse(bytes: Buffer): FetchResponse {
  const reader = new WireReader(bytes)
  const partitions: PartitionFetched[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) partitions.push(readFetched(reader.message()))
    else reader.skip(tag)
  }
  return { partitions }
}

function questionSize(entry: PartitionFetch): number {
  return (
    bytesSize(entry.topicId.length) +
    intSize(entry.partition) +
    intSize(entry.fetchOffset) +
    optionalIntSize(entry.leaderEpoch) +
    intSize(entry.bytesMax)
  )
}

function readQuestion(reader: WireReader): PartitionFetch {
  let id = ''
  let partition = 0
  let fetchOffset = 0
  let leaderEpoch: number | undefined
  let bytesMax = 0
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) id = reader.ascii()
    else if (tag === 16) partition = reader.int()
    else if (tag === 24) fetchOffset = reader.int()
    else if (tag === 32) leaderEpoch = reader.int()
    else if (tag === 40) bytesMax = reader.int()
    else reader.skip(tag)
  }
  return {
    topicId: readTopicId(id),
    partition: readPartition(partition),
    fetchOffset: readOffset(fetchOffset),
    ...(leaderEpoch !== undefined && { leaderEpoch: readEpoch(leaderEpoch) }),
    bytesMax,
  }
}

function readFetched(reader: WireReader): PartitionFetched {
  let id = ''
  let partition = 0
  let error: ItemError | undefined
  let highWatermark = 0
  let lastStableOffset = 0
  let logStartOffset = 0
  let records: readonly Uint8Array[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) id = reader.ascii()
    else if (tag === 16) partition = reader.int()
    else if (tag === 26) error = readItemError(reader.message())
    else if (tag === 32) highWatermark = reader.int()
    else if (tag === 40) lastStableOffset = reader.int()
    else if (tag === 48) logStartOffset = reader.int()
    else if (tag === 58) records = reader.slices()
    else reader.skip(tag)
  }
  return {
    topicId: readTopicId(id),
    partition: readPartition(partition),
    ...(error && { error }),
    highWatermark: readOffset(highWatermark),
    lastStableOffset: readOffset(lastStableOffset),
    logStartOffset: readOffset(logStartOffset),
    records,
  }
}
