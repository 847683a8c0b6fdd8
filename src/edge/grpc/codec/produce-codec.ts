/** `ProduceRequest` and `ProduceResponse` by hand: record bytes pass through without a copy of their own. */
import type {
  Acks,
  PartitionProduce,
  PartitionProduced,
  ProduceRequest,
  ProduceResponse,
} from '../../../core/api/produce.ts'
import type { ItemError } from '../../../core/api/cluster-admin.ts'
import { MalformedBytesError } from '../../../base/bytes.ts'
import { readItemError, refusalMessage } from './refusal-codec.ts'
import { readOffset, readPartition, readTopicId } from './named.ts'
import {
  bytesSize,
  intSize,
  messageSize,
  optionalIntSize,
  SizedMessage,
  type WireMessage,
  WireReader,
} from './wire-bytes.ts'

const acksNumbers: Readonly<Record<Acks, number>> = { all: 0, 0: 1, 1: 2 }
const acksOf: readonly Acks[] = ['all', 0, 1]

/** The request as a message; its records are read when the message is written to the wire. */
export function produceRequestMessage(request: ProduceRequest): WireMessage {
  const acks = acksNumbers[request.acks]
  let length = intSize(acks)
  for (const entry of request.partitions) length += messageSize(entrySize(entry))
  return new SizedMessage(length, (writer) => {
    writer.int(1, acks)
    for (const entry of request.partitions) {
      writer.head(2, entrySize(entry))
      writer.ascii(1, entry.topicId)
      writer.int(2, entry.partition)
      writer.bytes(3, entry.records)
    }
  })
}

/** The request read; its records are views of `bytes`. */
export function readProduceRequest(bytes: Buffer): ProduceRequest {
  const reader = new WireReader(bytes)
  const partitions: PartitionProduce[] = []
  let acks: Acks | undefined = 'all'
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 8) acks = acksOf[reader.int()]
    else if (tag === 18) partitions.push(readEntry(reader.message()))
    else reader.skip(tag)
  }
  if (acks === undefined) throw new MalformedBytesError('acks is none of ALL, NONE and LEADER')
  return { acks, partitions }
}

/** The response as a message. */
export function produceResponseMessage(response: ProduceResponse): WireMessage {
  const errors = response.partitions.map(({ error }) => error && refusalMessage(error))
  let length = 0
  response.partitions.forEach((answer, index) => {
    length += messageSize(answerSize(answer, errors[index]))
  })
  return new SizedMessage(length, (writer) => {
    response.partitions.forEach((answer, index) => {
      const error = errors[index]
      writer.head(1, answerSize(answer, error))
      writer.ascii(1, answer.topicId)
      writer.int(2, answer.partition)
      if (error !== undefined) writer.message(3, error)
      writer.int(4, answer.baseOffset)
      writer.optionalInt(5, answer.logAppendTimeMs)
      writer.int(6, answer.logStartOffset)
    })
  })
}

/** The response read. */
export function readProduceResponse(bytes: Buffer): ProduceResponse {
  const reader = new WireReader(bytes)
  const partitions: PartitionProduced[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) partitions.push(readAnswer(reader.message()))
    else reader.skip(tag)
  }
  return { partitions }
}

function entrySize(entry: PartitionProduce): number {
  return (
    bytesSize(entry.topicId.length) + intSize(entry.partition) + bytesSize(entry.records.length)
  )
}

function readEntry(reader: WireReader): PartitionProduce {
  let id = ''
  let partition = 0
  let records: Buffer | undefined
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) id = reader.ascii()
    else if (tag === 16) partition = reader.int()
    else if (tag === 26) records = reader.bytes()
    else reader.skip(tag)
  }
  return {
    topicId: readTopicId(id),
    partition: readPartition(partition),
    records: records ?? new Uint8Array(0),
  }
}

function answerSize(answer: PartitionProduced, error: WireMessage | undefined): number {
  return (
    bytesSize(answer.topicId.length) +
    intSize(answer.partition) +
    (error === undefined ? 0 : messageSize(error.length)) +
    intSize(answer.baseOffset) +
    optionalIntSize(answer.logAppendTimeMs) +
    intSize(answer.logStartOffset)
  )
}

function readAnswer(reader: WireReader): PartitionProduced {
  let id = ''
  let partition = 0
  let error: ItemError | undefined
  let baseOffset = 0
  let logAppendTimeMs: number | undefined
  let logStartOffset = 0
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) id = reader.ascii()
    else if (tag === 16) partition = reader.int()
    else if (tag === 26) error = readItemError(reader.message())
    else if (tag === 32) baseOffset = reader.int()
    else if (tag === 40) logAppendTimeMs = reader.int()
    else if (tag === 48) logStartOffset = reader.int()
    else reader.skip(tag)
  }
  return {
    topicId: readTopicId(id),
    partition: readPartition(partition),
    ...(error && { error }),
    baseOffset: readOffset(baseOffset),
    ...(logAppendTimeMs !== undefined && { logAppendTimeMs }),
    logStartOffset: readOffset(logStartOffset),
  }
}
