/** The services Log and Replication: the hot messages go through the codecs by hand, the others through the generated types. */
import type { OffsetQuestion } from '../../../core/api/list-offsets.ts'
import type { ProducerIdentity } from '../../../core/api/producer-ids.ts'
import { MalformedBytesError } from '../../../base/bytes.ts'
import {
  fetchRequestMessage,
  fetchResponseMessage,
  readFetchRequest,
  readFetchResponse,
} from '../codec/fetch-codec.ts'
import {
  readEpoch,
  readOffset,
  readPartition,
  readProducerEpoch,
  readProducerId,
  readTopicId,
} from '../codec/named.ts'
import {
  produceRequestMessage,
  produceResponseMessage,
  readProduceRequest,
  readProduceResponse,
} from '../codec/produce-codec.ts'
import {
  readReplicaFetchRequest,
  readReplicaFetchResponse,
  replicaFetchRequestMessage,
  replicaFetchResponseMessage,
} from '../codec/replica-fetch-codec.ts'
import type {
  DeleteRecordsRequest,
  DeleteRecordsRequest__Output,
} from '../gen/sluice/v1/DeleteRecordsRequest.ts'
import type {
  DeleteRecordsResponse,
  DeleteRecordsResponse__Output,
} from '../gen/sluice/v1/DeleteRecordsResponse.ts'
import type {
  InitProducerIdRequest,
  InitProducerIdRequest__Output,
} from '../gen/sluice/v1/InitProducerIdRequest.ts'
import type {
  InitProducerIdResponse,
  InitProducerIdResponse__Output,
} from '../gen/sluice/v1/InitProducerIdResponse.ts'
import type {
  ListOffsetsRequest,
  ListOffsetsRequest__Output,
} from '../gen/sluice/v1/ListOffsetsRequest.ts'
import type {
  ListOffsetsResponse,
  ListOffsetsResponse__Output,
} from '../gen/sluice/v1/ListOffsetsResponse.ts'
import type {
  OffsetQuestion as WireOffsetQuestion,
  OffsetQuestion__Output,
} from '../gen/sluice/v1/OffsetQuestion.ts'
import type { ProducerIdentity__Output } from '../gen/sluice/v1/ProducerIdentity.ts'
import { errorIn, errorOut, required } from './envelope.ts'
import { type Mapping, mapThroughProto } from './mapping.ts'

const log = { file: 'log', service: 'sluice.v1.Log' } as const

/** Produce. */
export const produce: Mapping<'produce'> = {
  ...log,
  method: 'Produce',
  kind: 'stream',
  requestMessage: produceRequestMessage,
  readRequest: readProduceRequest,
  responseMessage: produceResponseMessage,
  readResponse: readProduceResponse,
}

/** Fetch. */
export const fetch: Mapping<'fetch'> = {
  ...log,
  method: 'Fetch',
  kind: 'stream',
  requestMessage: fetchRequestMessage,
  readRequest: readFetchRequest,
  responseMessage: fetchResponseMessage,
  readResponse: readFetchResponse,
}

/** Fetch of the service Replication. */
export const replicaFetch: Mapping<'replica-fetch'> = {
  file: 'replication',
  service: 'sluice.v1.Replication',
  method: 'Fetch',
  kind: 'stream',
  requestMessage: replicaFetchRequestMessage,
  readRequest: readReplicaFetchRequest,
  responseMessage: replicaFetchResponseMessage,
  readResponse: readReplicaFetchResponse,
}

/** InitProducerId. */
export const initProducerId = mapThroughProto<
  'init-producer-id',
  InitProducerIdRequest,
  InitProducerIdRequest__Output,
  InitProducerIdResponse,
  InitProducerIdResponse__Output
>({ ...log, method: 'InitProducerId', kind: 'unary' }, 'InitProducerId', {
  requestOut: ({ current }) => (current === undefined ? {} : { current: { ...current } }),
  requestIn: ({ current }) => (current === null ? {} : { current: identityIn(current) }),
  responseOut: (identity) => ({ identity: { ...identity } }),
  responseIn: ({ identity }) => identityIn(required(identity, 'identity')),
})

/** ListOffsets. */
export const listOffsets = mapThroughProto<
  'list-offsets',
  ListOffsetsRequest,
  ListOffsetsRequest__Output,
  ListOffsetsResponse,
  ListOffsetsResponse__Output
>({ ...log, method: 'ListOffsets', kind: 'unary' }, 'ListOffsets', {
  requestOut: ({ partitions }) => ({
    questions: partitions.map(({ topicId, partition, question }) => ({
      topicId,
      partition,
      ...questionOut(question),
    })),
  }),
  requestIn: ({ questions }) => ({
    partitions: questions.map((message) => ({
      topicId: readTopicId(message.topicId),
      partition: readPartition(message.partition),
      question: questionIn(message),
    })),
  }),
  responseOut: ({ partitions }) => ({
    partitions: partitions.map(({ error, ...answer }) => ({ ...answer, ...errorOut(error) })),
  }),
  responseIn: ({ partitions }) => ({
    partitions: partitions.map((message) => ({
      topicId: readTopicId(message.topicId),
      partition: readPartition(message.partition),
      ...errorIn(message.error),
      ...(message.offset !== undefined && { offset: readOffset(message.offset) }),
      leaderEpoch: readEpoch(message.leaderEpoch),
      highWatermark: readOffset(message.highWatermark),
      ...(message.timestampMs !== undefined && { timestampMs: message.timestampMs }),
    })),
  }),
})

/** DeleteRecords. */
export const deleteRecords = mapThroughProto<
  'delete-records',
  DeleteRecordsRequest,
  DeleteRecordsRequest__Output,
  DeleteRecordsResponse,
  DeleteRecordsResponse__Output
>({ ...log, method: 'DeleteRecords', kind: 'unary' }, 'DeleteRecords', {
  requestOut: ({ partitions, waitMsMax }) => ({
    partitions: partitions.map(({ topicId, partition, before }) => ({
      topicId,
      partition,
      beforeOffset: before === 'high-watermark' ? -1 : before,
    })),
    waitMsMax,
  }),
  requestIn: ({ partitions, waitMsMax }) => ({
    partitions: partitions.map((message) => ({
      topicId: readTopicId(message.topicId),
      partition: readPartition(message.partition),
      before: message.beforeOffset === -1 ? 'high-watermark' : readOffset(message.beforeOffset),
    })),
    waitMsMax,
  }),
  responseOut: ({ partitions }) => ({
    partitions: partitions.map(({ error, ...answer }) => ({ ...answer, ...errorOut(error) })),
  }),
  responseIn: ({ partitions }) => ({
    partitions: partitions.map((message) => ({
      topicId: readTopicId(message.topicId),
      partition: readPartition(message.partition),
      ...errorIn(message.error),
      lowWatermark: readOffset(message.lowWatermark),
    })),
  }),
})

function questionOut(question: OffsetQuestion): WireOffsetQuestion {
  switch (question.type) {
    case 'earliest':
      return { position: 'OFFSET_POSITION_EARLIEST' }
    case 'latest':
      return { position: 'OFFSET_POSITION_LATEST' }
    case 'max-timestamp':
      return { position: 'OFFSET_POSITION_MAX_TIMESTAMP' }
    default:
      return { atTimeMs: question.timestampMs }
  }
}

function questionIn(message: OffsetQuestion__Output): OffsetQuestion {
  if (message.atTimeMs !== undefined) return { type: 'at-time', timestampMs: message.atTimeMs }
  if (message.position === 'OFFSET_POSITION_EARLIEST') return { type: 'earliest' }
  if (message.position === 'OFFSET_POSITION_LATEST') return { type: 'latest' }
  if (message.position === 'OFFSET_POSITION_MAX_TIMESTAMP') return { type: 'max-timestamp' }
  throw new MalformedBytesError('a question without a position or time')
}

function identityIn({ producerId, producerEpoch }: ProducerIdentity__Output): ProducerIdentity {
  return {
    producerId: readProducerId(producerId),
    producerEpoch: readProducerEpoch(producerEpoch),
  }
}
