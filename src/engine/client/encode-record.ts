/** From what users hand in to the bytes of a record, and the partition it goes to. */
import { utf8 } from '../../base/bytes.ts'
import { partitionOfKey } from '../../core/client/murmur2.ts'
import { type RecordInput } from '../../core/client/partition-queue.ts'
import { type RecordHeader } from '../../core/record/batch-writer.ts'
import { SluiceError } from './errors.ts'
import { type HeadersInput, type ProducerRecord } from './records.ts'
import { type TopicHandle } from './topic-handle.ts'

const noHeaders: readonly RecordHeader[] = []

/** The record's bytes. `wallMs` is its time when it has none of its own. */
export function encodeRecord<K, V>(
  topic: TopicHandle<K, V>,
  record: ProducerRecord<K, V>,
  wallMs: number,
): RecordInput {
  const { key, value, headers, timestampMs } = record
  if (timestampMs !== undefined && !(Number.isSafeInteger(timestampMs) && timestampMs >= 0)) {
    throw new SluiceError('INVALID_ARGUMENT', `not a timestamp in whole ms: ${timestampMs}`)
  }
  return {
    key: key === undefined ? undefined : serialized(topic.key.serialize, key, topic.name),
    value: serialized(topic.value.serialize, value, topic.name),
    headers: headers === undefined ? noHeaders : headerList(headers),
    timestampMs: timestampMs ?? wallMs,
  }
}

/** The partition the record must go to, or undefined when any will do. */
export function partitionFor(
  key: Uint8Array | undefined,
  explicit: number | undefined,
  topic: string,
  partitionCount: number,
): number | undefined {
  if (explicit === undefined) {
    return key === undefined ? undefined : partitionOfKey(key, partitionCount)
  }
  if (Number.isInteger(explicit) && explicit >= 0 && explicit < partitionCount) return explicit
  throw new SluiceError(
    'INVALID_ARGUMENT',
    `topic ${topic} has partitions 0 to ${partitionCount - 1}, not ${explicit}`,
  )
}

function serialized<T>(
  serialize: (value: T) => Uint8Array | undefined,
  value: T,
  topic: string,
): Uint8Array | undefined {
  let bytes: unknown // plain JavaScript may hand over anything
  try {
    bytes = serialize(value)
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SluiceError('SERIALIZATION_FAILED', `a record for ${topic}: ${why}`, { cause })
  }
  if (bytes === undefined || bytes instanceof Uint8Array) return bytes
  throw new SluiceError('SERIALIZATION_FAILED', `a record for ${topic} is not bytes: give a serde`)
}

function headerList(headers: HeadersInput): readonly RecordHeader[] {
  if (isHeaderList(headers)) return headers
  return Object.entries(headers).map(([name, value]) => ({
    name,
    value: typeof value === 'string' ? utf8(value) : value,
  }))
}

function isHeaderList(headers: HeadersInput): headers is readonly RecordHeader[] {
  return Array.isArray(headers)
}
