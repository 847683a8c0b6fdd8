/**
 * Metadata records as bytes: the value of a record in a batch of the metadata log.
 *
 *     frame version u8 | record type u16 | record version u8 | body
 *
 * A build writes the newest version that it knows and reads that and older ones. A frame, type or
 * version that it does not know is refused by name: applying half of the log would be worse than
 * not starting.
 */
import { ByteReader, ByteWriter, MalformedBytesError } from '../../base/bytes.ts'
import { unreachable } from '../../base/assert.ts'
import { brokerRegistrationChangeCodec, registerBrokerCodec } from './records/broker.ts'
import { configCodec, featureLevelCodec, noOpCodec } from './records/config.ts'
import { type RecordCodec } from './records/fields.ts'
import { partitionChangeCodec, partitionCodec } from './records/partition.ts'
import { producerIdsCodec } from './records/producer-ids.ts'
import { type MetadataRecord } from './records/record.ts'
import { removeTopicCodec, topicCodec } from './records/topic.ts'

const frameVersion = 1

const readers = new Map(
  [
    registerBrokerCodec,
    brokerRegistrationChangeCodec,
    topicCodec,
    partitionCodec,
    partitionChangeCodec,
    removeTopicCodec,
    configCodec,
    featureLevelCodec,
    producerIdsCodec,
    noOpCodec,
  ].map(({ type, number, version, read }) => [number, { type, version, read }]),
)

/** A record, or a sentence that says why the bytes are none that this build knows. */
export type DecodedRecord =
  | { readonly ok: true; readonly record: MetadataRecord }
  | { readonly ok: false; readonly message: string }

/** The bytes of a record. */
export function encodeRecord(record: MetadataRecord): Uint8Array {
  switch (record.type) {
    case 'register-broker':
      return encodeWith(registerBrokerCodec, record)
    case 'broker-registration-change':
      return encodeWith(brokerRegistrationChangeCodec, record)
    case 'topic':
      return encodeWith(topicCodec, record)
    case 'partition':
      return encodeWith(partitionCodec, record)
    case 'partition-change':
      return encodeWith(partitionChangeCodec, record)
    case 'remove-topic':
      return encodeWith(removeTopicCodec, record)
    case 'config':
      return encodeWith(configCodec, record)
    case 'feature-level':
      return encodeWith(featureLevelCodec, record)
    case 'producer-ids':
      return encodeWith(producerIdsCodec, record)
    case 'no-op':
      return encodeWith(noOpCodec, record)
    default:
      return unreachable(record)
  }
}

function encodeWith<R extends MetadataRecord>(codec: RecordCodec<R>, record: R): Uint8Array {
  const writer = new ByteWriter(128)
  writer.uint8(frameVersion).uint16(codec.number).uint8(codec.version)
  codec.write(writer, record)
  return writer.finish()
}

/** The record in the bytes. */
export function decodeRecord(bytes: Uint8Array): DecodedRecord {
  try {
    return decodeFrame(new ByteReader(bytes))
  } catch (error) {
    if (error instanceof MalformedBytesError) {
      return refused(`a damaged metadata record: ${error.message}`)
    }
    throw error
  }
}

function decodeFrame(reader: ByteReader): DecodedRecord {
  const frame = reader.uint8()
  if (frame !== frameVersion) return refused(`metadata record frame version ${frame} is unknown`)
  const number = reader.uint16()
  const version = reader.uint8()
  const codec = readers.get(number)
  if (codec === undefined) return refused(`metadata record type ${number} is unknown`)
  if (version < 1 || version > codec.version) {
    return refused(
      `version ${version} of metadata record ${codec.type} is unknown; ` +
        `this build reads 1 to ${codec.version}`,
    )
  }
  const record = codec.read(reader, version)
  if (reader.remaining > 0) {
    return refused(`a damaged metadata record: ${reader.remaining} bytes behind a ${codec.type}`)
  }
  return { ok: true, record }
}

function refused(message: string): DecodedRecord {
  return { ok: false, message: `${message}.` }
}
