/**
 * Batches written by Apache Kafka's own Java client (kafka-clients 4.3.0, `MemoryRecords`), as hex
 * in kafka-batches.json. They must read as what was put in, and ours must be the same bytes.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import { directoryId, epoch, nodeId, offset } from '../../../src/base/id.ts'
import { uuidFromBytes } from '../../../src/base/uuid.ts'
import * as header from '../../../src/core/record/batch-header.ts'
import { readRecords, RecordCursor } from '../../../src/core/record/batch-reader.ts'
import { encodeBatch, type PlainRecord } from '../../../src/core/record/batch-writer.ts'
import {
  decodeControlRecord,
  encodeControlRecord,
} from '../../../src/core/record/control-record.ts'
import { nativeCompressor } from '../../../src/edge/compression/codecs.ts'

const file = new URL('kafka-batches.json', import.meta.url)
const golden = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>

function kafka(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(golden[name] ?? '', 'hex'))
}

function ours(from: number, leaderEpoch: number, records: readonly PlainRecord[]): Uint8Array {
  return encodeBatch({ baseOffset: offset(from), leaderEpoch: epoch(leaderEpoch), records })
}

/** The forty records of the batches named after codecs. */
const forty: readonly PlainRecord[] = Array.from({ length: 40 }, (_, index) => ({
  timestampMs: 1_700_000_000_000 + index,
  ...(index % 3 !== 0 && { key: utf8(`key-${index}`) }),
  ...(index % 5 !== 0 && { value: utf8(`value-${index}-`.repeat(index + 1)) }),
  headers:
    index % 4 === 0
      ? [
          { name: 'h', value: utf8('x') },
          { name: 'h', value: undefined },
        ]
      : [],
}))

test('a record with key and value is the same bytes as Kafka’s', () => {
  const record = { key: utf8('k'), value: utf8('hello'), timestampMs: 1_700_000_000_123 }
  expect(ours(5, 3, [record])).toEqual(kafka('one'))
})

test('null and empty, and a time before the first one, are the same bytes as Kafka’s', () => {
  const records = [
    { timestampMs: 1_700_000_000_000 },
    { key: utf8(''), value: utf8(''), timestampMs: 1_699_999_999_000 },
  ]
  expect(ours(0, 0, records)).toEqual(kafka('nulls'))
})

test('headers are the same bytes as Kafka’s', () => {
  const headers = [
    { name: 'trace', value: utf8('abc') },
    { name: 'été', value: utf8('') },
    { name: 'null', value: undefined },
  ]
  const record = { key: utf8('k'), value: utf8('v'), headers, timestampMs: 1_700_000_000_000 }
  expect(ours(9, 1, [record])).toEqual(kafka('headers'))
})

test('large offsets, epochs and spans of time are the same bytes as Kafka’s', () => {
  const records = [
    { value: utf8('9999'), timestampMs: 253_402_300_799_999 },
    { value: utf8('1970'), timestampMs: 0 },
  ]
  expect(ours(9_007_199_254_740_000, 2_147_483_647, records)).toEqual(kafka('far'))
})

test('a producer’s id, epoch and sequence are read as Kafka wrote them', () => {
  const batch = kafka('transactional')
  expect(header.verifyBatch(batch, 0)).toBeUndefined()
  expect(header.isTransactional(batch, 0)).toBe(true)
  expect(header.producerId(batch, 0)).toBe(4321)
  expect(header.producerEpoch(batch, 0)).toBe(5)
  expect(header.baseSequence(batch, 0)).toBe(17)
})

test('forty mixed records are the same bytes as Kafka’s', () => {
  expect(ours(100, 7, forty)).toEqual(kafka('none'))
})

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'what Kafka packed with %s is read',
  async (codec) => {
    const batch = kafka(codec)
    expect(header.verifyBatch(batch, 0)).toBeUndefined()
    expect(header.compression(batch, 0)).toBe(codec)
    const packed = batch.subarray(header.batchHeaderBytes)
    const plain = await nativeCompressor().decompress(codec, packed, 100_000)
    const expected = readRecords(ours(100, 7, forty), 0)
    const cursor = new RecordCursor().openInflated(batch, 0, plain)
    for (const record of expected) {
      expect(cursor.next()).toBe(true)
      const view = cursor.view()
      expect([view.offset, view.timestampMs]).toEqual([record.offset, record.timestampMs])
      expect([view.key(), view.value()].map(textual)).toEqual(
        [record.key(), record.value()].map(textual),
      )
      expect(view.headers().map(({ name, value }) => [name, textual(value)])).toEqual(
        record.headers().map(({ name, value }) => [name, textual(value)]),
      )
    }
    expect(cursor.next()).toBe(false)
  },
)

function textual(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('hex')
}

const first = { nodeId: nodeId(1), directoryId: directoryId('AAAAAAAAAAEAAAAAAAAAAg') }
const second = { nodeId: nodeId(2), directoryId: directoryId('__________0AAAAAAAAABA') }
const nowhere = directoryId(uuidFromBytes(new Uint8Array(16)))

test('a voter set is the same bytes as Kafka’s', () => {
  const endpoints = [{ listener: 'CONTROLLER', host: '::1', port: 65_535 }]
  const voters = { type: 'voters', voters: [{ ...first, endpoints }] } as const
  const batch = encodeBatch({
    baseOffset: offset(0),
    leaderEpoch: epoch(0),
    isControl: true,
    records: [encodeControlRecord(voters, 1_700_000_000_000)],
  })
  expect(batch).toEqual(kafka('voters'))
})

test('a leader change is the same bytes as Kafka’s, and its older version is read', () => {
  const change = {
    type: 'leader-change',
    leaderId: nodeId(2),
    voters: [first, second],
    grantingVoters: [second],
  } as const
  expect(encodeControlRecord(change, 0).value).toEqual(kafka('leaderChangeValue'))
  const [record] = readRecords(kafka('leaderChangeVersion0'), 0)
  expect(record && decodeControlRecord(record)).toEqual({
    type: 'leader-change',
    leaderId: 2,
    voters: [
      { nodeId: 1, directoryId: nowhere },
      { nodeId: 2, directoryId: nowhere },
    ],
    grantingVoters: [{ nodeId: 2, directoryId: nowhere }],
  })
})
