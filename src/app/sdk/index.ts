/** The package entry `.`: everything a user of the client SDK may import. */
export { Client, type Logger, type SdkClientOptions as ClientOptions } from './client.ts'
export { type Admin } from '../../engine/client/admin.ts'
export {
  type CreatedTopic,
  type DeletedPartition,
  type ElectedPartition,
  type NewTopicOptions,
  type PartitionDetail,
  type PartitionOffset,
  type RecordDeletion,
  type TopicDetail,
  type TopicSummary,
} from '../../engine/client/admin-shapes.ts'
export { type ConsumedRecord, type RecordBatch } from '../../engine/client/consumed-record.ts'
export {
  type BatchOptions,
  type Consumer,
  type ConsumerOptions,
  type StartFrom,
  type SubscribeOptions,
  type TopicPartition,
} from '../../engine/client/consumer.ts'
export {
  SluiceError,
  type ClientErrorCode,
  type SluiceErrorCode,
} from '../../engine/client/errors.ts'
export { type Producer } from '../../engine/client/producer.ts'
export {
  type CallOptions,
  type HeadersInput,
  type ProducerOptions,
  type ProducerRecord,
  type SendResult,
} from '../../engine/client/records.ts'
export { serde, type Serde, type StandardSchema } from '../../engine/client/serde.ts'
export { type TopicHandle, type TopicSerdes } from '../../engine/client/topic-handle.ts'
