/** The records that users hand in, and what they get back for them. */
import { type Acks } from '../../core/api/produce.ts'
import { type CompressionName } from '../../core/record/compression.ts'
import { type RecordHeader } from '../../core/record/batch-writer.ts'
import { type Offset, type PartitionIndex } from '../../base/id.ts'

/** Headers by name, or in order (names may repeat then). */
export type HeadersInput =
  Readonly<Record<string, string | Uint8Array | undefined>> | readonly RecordHeader[]

/** A record to send. */
export interface ProducerRecord<K, V> {
  /** Records of one key go to one partition (Kafka's murmur2); without a key they are spread in runs. */
  readonly key?: K | undefined
  readonly value: V
  readonly headers?: HeadersInput
  /** Milliseconds since the Unix epoch; default: now. */
  readonly timestampMs?: number
  /** Overrides the choice by key. */
  readonly partition?: number
}

/** Where a record was written. With acks=0 the offset is not known and -1. */
export interface SendResult {
  readonly partition: PartitionIndex
  readonly offset: Offset | -1
  /** The broker's time in ms since the Unix epoch, where the topic has `message.timestamp.type=LogAppendTime`. */
  readonly logAppendTimeMs?: number
}

/** How a call may end early. */
export interface CallOptions {
  /** Aborting ends the call with `CANCELLED`; what was handed over already may still happen. */
  readonly signal?: AbortSignal
  /** Default: the option of the same name of the client or producer. */
  readonly timeoutMs?: number
}

/** How a producer works. Every field has a default. */
export interface ProducerOptions {
  /** When a record counts as written: 0 never waits, 1 the leader, `all` every in-sync replica. Default `all`. */
  readonly acks?: Acks
  /**
   * Whether brokers recognise what is sent again, so that a retry neither duplicates nor reorders records, with five
   * requests in flight for a partition instead of one. Needs `acks: 'all'`; default `true` then (KIP-98).
   */
  readonly idempotent?: boolean
  /** Codec of batches. Default `none`. */
  readonly compression?: CompressionName
  /** Most bytes of one batch; a larger record gets a batch of its own. Default 131 072. */
  readonly batchBytesMax?: number
  /** How long a batch may wait for more while others are in flight, in ms; an idle producer never waits. Default 5. */
  readonly lingerMs?: number
  /** Memory for records that are not yet acknowledged; over it, sends wait. Default 33 554 432. */
  readonly bufferBytesMax?: number
  /** Calls that may wait for memory at once; over it, sends fail with `BUFFER_FULL`. Default 65 536. */
  readonly waitingCountMax?: number
  /** How long a record may take in all, retries included, in ms. Default 120 000. */
  readonly deliveryTimeoutMs?: number
  /** How long one request may take, in ms. Default 30 000. */
  readonly requestTimeoutMs?: number
}
