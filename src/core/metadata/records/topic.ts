/** What the log says of topics as a whole. Source: KIP-631. */
import { type TopicId } from '../../../base/id.ts'
import { readTopicId, writeUuid, type RecordCodec } from './fields.ts'

/** A new topic; its partitions follow in the same batch. */
export interface TopicRecord {
  readonly type: 'topic'
  readonly name: string
  readonly topicId: TopicId
}

/** A topic is gone, with its partitions and configs. */
export interface RemoveTopicRecord {
  readonly type: 'remove-topic'
  readonly topicId: TopicId
}

/** Bytes of Topic. */
export const topicCodec: RecordCodec<TopicRecord> = {
  type: 'topic',
  number: 2,
  version: 1,
  write(writer, record) {
    writer.text(record.name)
    writeUuid(writer, record.topicId)
  },
  read: (reader) => ({ type: 'topic', name: reader.text(), topicId: readTopicId(reader) }),
}

/** Bytes of RemoveTopic. */
export const removeTopicCodec: RecordCodec<RemoveTopicRecord> = {
  type: 'remove-topic',
  number: 9,
  version: 1,
  write(writer, record) {
    writeUuid(writer, record.topicId)
  },
  read: (reader) => ({ type: 'remove-topic', topicId: readTopicId(reader) }),
}
