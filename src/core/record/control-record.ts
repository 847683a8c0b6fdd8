/**
 * Control records of the metadata log, in Kafka's own encoding: the key says which kind (version,
 * type), the value is a flexible message. `leader-change` is a new leader's first entry (KIP-595);
 * `voters` names the voter set with directory ids and endpoints (KIP-853) and is what `format`
 * writes first. Kinds that this build does not know decode as `unknown` and are passed over.
 */
import { ByteReader, ByteWriter, MalformedBytesError, textOf, utf8 } from '../../base/bytes.ts'
import { directoryId, nodeId, type DirectoryId, type NodeId } from '../../base/id.ts'
import { uuidFromBytes, uuidToBytes } from '../../base/uuid.ts'
import { type PlainRecord } from './batch-writer.ts'
import { type RecordView } from './batch-reader.ts'

/** A voter by node and directory: a wiped disk is another voter. */
interface ControlVoter {
  readonly nodeId: NodeId
  readonly directoryId: DirectoryId
}

/** A voter with the addresses of its controller listeners. */
export interface VoterAddress extends ControlVoter {
  readonly endpoints: readonly {
    readonly listener: string
    readonly host: string
    readonly port: number
  }[]
}

/** A leader's first entry in its epoch: committing it commits all before. */
export interface LeaderChange {
  readonly type: 'leader-change'
  readonly leaderId: NodeId
  readonly voters: readonly ControlVoter[]
  readonly grantingVoters: readonly ControlVoter[]
}

/** The voter set from this offset on. */
export interface Voters {
  readonly type: 'voters'
  readonly voters: readonly VoterAddress[]
}

/** Any control record. */
export type ControlRecord =
  LeaderChange | Voters | { readonly type: 'unknown'; readonly typeNumber: number }

const typeNumbers = { 'leader-change': 2, voters: 6 } as const
const leaderChangeVersion = 1
const votersVersion = 0
const uuidBytes = 16

/** The record to put into a control batch (`encodeBatch` with `isControl`). */
export function encodeControlRecord(
  record: LeaderChange | Voters,
  timestampMs: number,
): PlainRecord {
  const key = new ByteWriter(4).int16(0).int16(typeNumbers[record.type]).finish()
  const value = record.type === 'voters' ? encodeVoters(record) : encodeLeaderChange(record)
  return { key, value, timestampMs }
}

/** What a record of a control batch says; `MalformedBytesError` when it is broken. */
export function decodeControlRecord(record: RecordView): ControlRecord {
  const key = record.key()
  if (key === undefined) throw new MalformedBytesError('a control record without a key')
  const reader = new ByteReader(key)
  reader.int16()
  const typeNumber = reader.int16()
  const value = record.value() ?? new Uint8Array(0)
  switch (typeNumber) {
    case typeNumbers['leader-change']:
      return decodeLeaderChange(value)
    case typeNumbers.voters:
      return decodeVoters(value)
    default:
      return { type: 'unknown', typeNumber }
  }
}

function encodeLeaderChange(record: LeaderChange): Uint8Array {
  const writer = new ByteWriter().int16(leaderChangeVersion).int32(record.leaderId)
  for (const voters of [record.voters, record.grantingVoters]) {
    writeCount(writer, voters.length)
    for (const voter of voters) {
      writer.int32(voter.nodeId).bytes(uuidToBytes(voter.directoryId)).uint8(0)
    }
  }
  return writer.uint8(0).finish()
}

function decodeLeaderChange(value: Uint8Array): LeaderChange {
  const reader = new ByteReader(value)
  const version = reader.int16()
  const leaderId = readNodeId(reader)
  const readVoters = (): readonly ControlVoter[] =>
    readMany(reader, 5, () => {
      const id = readNodeId(reader)
      const directory = version >= 1 ? readDirectoryId(reader) : nilDirectoryId
      skipTags(reader)
      return { nodeId: id, directoryId: directory }
    })
  const voters = readVoters()
  const grantingVoters = readVoters()
  skipTags(reader)
  return { type: 'leader-change', leaderId, voters, grantingVoters }
}

function encodeVoters(record: Voters): Uint8Array {
  const writer = new ByteWriter().int16(votersVersion)
  writeCount(writer, record.voters.length)
  for (const voter of record.voters) {
    writer.int32(voter.nodeId).bytes(uuidToBytes(voter.directoryId))
    writeCount(writer, voter.endpoints.length)
    for (const { listener, host, port } of voter.endpoints) {
      writeText(writer, listener)
      writeText(writer, host)
      writer.uint16(port).uint8(0)
    }
    writer.int16(0).int16(1).uint8(0) // kraft.version 0 to 1
    writer.uint8(0)
  }
  return writer.uint8(0).finish()
}

function decodeVoters(value: Uint8Array): Voters {
  const reader = new ByteReader(value)
  reader.int16()
  const voters = readMany(reader, 23, () => {
    const id = readNodeId(reader)
    const directory = readDirectoryId(reader)
    const endpoints = readMany(reader, 5, () => {
      const listener = readText(reader)
      const host = readText(reader)
      const port = reader.uint16()
      skipTags(reader)
      return { listener, host, port }
    })
    reader.int16()
    reader.int16()
    skipTags(reader)
    skipTags(reader)
    return { nodeId: id, directoryId: directory, endpoints }
  })
  skipTags(reader)
  return { type: 'voters', voters }
}

const nilDirectoryId = directoryId('AAAAAAAAAAAAAAAAAAAAAA')

function readNodeId(reader: ByteReader): NodeId {
  const value = reader.int32()
  if (value < 0) throw new MalformedBytesError(`node id ${value}`)
  return nodeId(value)
}

function readDirectoryId(reader: ByteReader): DirectoryId {
  return directoryId(uuidFromBytes(reader.bytes(uuidBytes)))
}

/** Compact lengths and counts are unsigned varints of the value plus one; 0 is null. */
function writeCount(writer: ByteWriter, count: number): void {
  let rest = count + 1
  for (; rest > 127; rest >>>= 7) writer.uint8((rest & 127) | 128)
  writer.uint8(rest)
}

function readUnsigned(reader: ByteReader): number {
  let value = 0
  for (let shift = 0; shift <= 28; shift += 7) {
    const byte = reader.uint8()
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return value
  }
  throw new MalformedBytesError('an unsigned varint of more than 5 bytes')
}

function readCount(reader: ByteReader, bytesMin: number): number {
  const count = readUnsigned(reader) - 1
  if (count < 0 || count * bytesMin > reader.remaining) {
    throw new MalformedBytesError(`a count of ${count} with ${reader.remaining} bytes left`)
  }
  return count
}

function readMany<T>(reader: ByteReader, bytesMin: number, readOne: () => T): readonly T[] {
  return Array.from({ length: readCount(reader, bytesMin) }, readOne)
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = utf8(text)
  writeCount(writer, bytes.length)
  writer.bytes(bytes)
}

function readText(reader: ByteReader): string {
  return textOf(reader.bytes(readCount(reader, 1)))
}

/** Tagged fields of later versions: passed over. */
function skipTags(reader: ByteReader): void {
  const count = readUnsigned(reader)
  for (let index = 0; index < count; index++) {
    readUnsigned(reader)
    reader.bytes(readUnsigned(reader))
  }
}
