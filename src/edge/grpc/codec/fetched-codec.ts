/**
 * What the answers to both kinds of fetch share: a list of partitions, each with its id, an error, and
 * its records as the last field. In between stand each kind's own numbers.
 */
import type { ItemError } from '../../../core/api/cluster-admin.ts'
import type { PartitionIndex, TopicId } from '../../../base/id.ts'
import { readItemError, refusalMessage } from './refusal-codec.ts'
import { readPartition, readTopicId } from './named.ts'
import {
  bytesSize,
  intSize,
  messageSize,
  SizedMessage,
  sizeOfSlices,
  type WireMessage,
  WireReader,
  type WireWriter,
} from './wire-bytes.ts'

/** The fields of a fetched partition that both kinds have. */
export interface Fetched {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly error?: ItemError
  readonly records: readonly Uint8Array[]
}

/** The fields of one kind: numbers 4 to 6. */
export interface OwnFields<F> {
  readonly size: (fetched: F) => number
  readonly write: (writer: WireWriter, fetched: F) => void
}

/** The response as a message; its records are read when the message is written to the wire. */
export function fetchedMessage<F extends Fetched>(
  partitions: readonly F[],
  own: OwnFields<F>,
): WireMessage {
  const parts = partitions.map((fetched) => {
    const error = fetched.error && refusalMessage(fetched.error)
    const recordBytes = sizeOfSlices(fetched.records)
    const length =
      bytesSize(fetched.topicId.length) +
      intSize(fetched.partition) +
      (error === undefined ? 0 : messageSize(error.length)) +
      own.size(fetched) +
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
      own.write(writer, fetched)
      writer.slices(7, recordBytes, fetched.records)
    }
  })
}

/** The partitions of a response, each read by `readOne`. */
export function readFetchedList<F>(bytes: Buffer, readOne: (reader: WireReader) => F): F[] {
  const reader = new WireReader(bytes)
  const partitions: F[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) partitions.push(readOne(reader.message()))
    else reader.skip(tag)
  }
  return partitions
}

/**
 * The shared fields of one partition; its records are one view of the frame, or none. `readOwn` is
 * called at every other field, and says false when it is none of its own.
 */
export function readFetched(
  reader: WireReader,
  readOwn: (tag: number, reader: WireReader) => boolean,
): Fetched {
  let id = ''
  let partition = 0
  let error: ItemError | undefined
  let records: readonly Uint8Array[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) id = reader.ascii()
    else if (tag === 16) partition = reader.int()
    else if (tag === 26) error = readItemError(reader.message())
    else if (tag === 58) records = reader.slices()
    else if (!readOwn(tag, reader)) reader.skip(tag)
  }
  return {
    topicId: readTopicId(id),
    partition: readPartition(partition),
    ...(error && { error }),
    records,
  }
}
