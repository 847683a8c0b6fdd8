// Original file: sluice/v1/log.proto

import type {
  PlainRecord as _sluice_v1_PlainRecord,
  PlainRecord__Output as _sluice_v1_PlainRecord__Output,
} from '../../sluice/v1/PlainRecord.ts'
import type {
  Acks as _sluice_v1_Acks,
  Acks__Output as _sluice_v1_Acks__Output,
} from '../../sluice/v1/Acks.ts'

/**
 * Records for one topic. Without a partition, a record with a key goes where Kafka's partitioner
 * puts its key, and all records without one go together to a partition chosen at random.
 */
export interface PublishRequest {
  /**
   * Name of the topic.
   */
  topic?: string
  /**
   * Index of the partition for all records; absent: by key.
   */
  partition?: number
  /**
   * In order; the records of one partition keep it.
   */
  records?: _sluice_v1_PlainRecord[]
  /**
   * When to answer.
   */
  acks?: _sluice_v1_Acks
  _partition?: 'partition'
}

/**
 * Records for one topic. Without a partition, a record with a key goes where Kafka's partitioner
 * puts its key, and all records without one go together to a partition chosen at random.
 */
export interface PublishRequest__Output {
  /**
   * Name of the topic.
   */
  topic: string
  /**
   * Index of the partition for all records; absent: by key.
   */
  partition?: number
  /**
   * In order; the records of one partition keep it.
   */
  records: _sluice_v1_PlainRecord__Output[]
  /**
   * When to answer.
   */
  acks: _sluice_v1_Acks__Output
  _partition?: 'partition'
}
