/**
 * Segments written by a real Kafka broker (4.3.0) for its own Java producer: all codecs, repacked by the
 * broker, LogAppendTime, with and without producer ids, transactions with their markers. What each
 * record is was said by Kafka's own reader; `kafka/make.ts` makes the file anew.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { epoch, offset } from '../../../src/base/id.ts'
import * as header from '../../../src/core/record/batch-header.ts'
import {
  readRecords,
  RecordCursor,
  type RecordView,
} from '../../../src/core/record/batch-reader.ts'
import { BatchWriter, recordBytesMax } from '../../../src/core/record/batch-writer.ts'
import { decodeControlRecord } from '../../../src/core/record/control-record.ts'
import { RecordCheck } from '../../../src/core/record/record-check.ts'
import { stampAppendTime } from '../../../src/core/replica/append-time.ts'
import { nativeCompressor } from '../../../src/edge/compression/codecs.ts'

interface KafkaBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly compression: string
  readonly hasLogAppendTime: boolean
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly maxTimestampMs: number
  readonly records: readonly {
    readonly offset: number
    readonly timestampMs: number
    readonly key: string | null
    readonly value: string | null
    readonly headers: readonly (readonly [string, string | null])[]
  }[]
}

interface KafkaSegment {
  readonly topic: string
  readonly segment: string
  readonly batches: readonly KafkaBatch[]
}

const file = new URL('kafka-segments.jsonl', import.meta.url)
const segments = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as KafkaSegment)
const compressor = nativeCompressor()
const inflatedBytesMax = 100_000

/** The batches of a segment, each alone in its memory, beside what Kafka says of it. */
function batchesOf(segment: KafkaSegment): readonly (readonly [Uint8Array, KafkaBatch])[] {
  const bytes = new Uint8Array(Buffer.from(segment.segment, 'base64'))
  const batches: (readonly [Uint8Array, KafkaBatch])[] = []
  header.forEachBatch(bytes, (at, length) => {
    const said = segment.batches[batches.length]
    if (said !== undefined) batches.push([bytes.slice(at, at + length), said])
  })
  expect(batches).toHaveLength(segment.batches.length)
  return batches
}

async function plainOf(batch: Uint8Array): Promise<Uint8Array> {
  const packed = batch.subarray(header.batchHeaderBytes)
  const codec = header.compression(batch, 0)
  return new Uint8Array(await compressor.decompress(codec, packed, inflatedBytesMax))
}

function shownOf(record: RecordView): KafkaBatch['records'][number] {
  return {
    offset: record.offset,
    timestampMs: record.timestampMs,
    key: base64(record.key()),
    value: base64(record.value()),
    headers: record.headers().map(({ name, value }) => [name, base64(value)]),
  }
}

function base64(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : Buffer.from(bytes).toString('base64')
}

test('the file holds what it is for', () => {
  const all = segments.flatMap(({ batches }) => batches)
  expect(new Set(all.map(({ compression }) => compression)).size).toBe(5)
  const isSome = (holds: (batch: KafkaBatch) => boolean): boolean => all.some(holds)
  expect(isSome((batch) => batch.isTransactional && !batch.isControl)).toBe(true)
  expect(isSome((batch) => batch.isControl)).toBe(true)
  expect(isSome((batch) => batch.hasLogAppendTime)).toBe(true)
  expect(isSome((batch) => batch.producerId === -1)).toBe(true)
})

test.each(segments)('$topic: headers are read as Kafka reads them', (segment) => {
  for (const [batch, said] of batchesOf(segment)) {
    expect(header.verifyBatch(batch, 0)).toBeUndefined()
    expect({
      baseOffset: header.baseOffset(batch, 0),
      lastOffset: header.lastOffset(batch, 0),
      leaderEpoch: header.leaderEpoch(batch, 0),
      compression: header.compression(batch, 0),
      hasLogAppendTime: header.hasLogAppendTime(batch, 0),
      isTransactional: header.isTransactional(batch, 0),
      isControl: header.isControl(batch, 0),
      producerId: header.producerId(batch, 0),
      producerEpoch: header.producerEpoch(batch, 0),
      baseSequence: header.baseSequence(batch, 0),
      maxTimestampMs: header.maxTimestampMs(batch, 0),
      records: said.records,
    }).toEqual(said)
    expect(header.recordCount(batch, 0)).toBe(said.records.length)
  }
})

test.each(segments)('$topic: records are read as Kafka reads them', async (segment) => {
  for (const [batch, said] of batchesOf(segment)) {
    const cursor = new RecordCursor().openInflated(batch, 0, await plainOf(batch))
    const records: KafkaBatch['records'][number][] = []
    while (cursor.next()) records.push(shownOf(cursor.view()))
    expect(records).toEqual(said.records)
  }
})

test.each(segments)('$topic: what is written anew is the same bytes', async (segment) => {
  for (const [batch, said] of batchesOf(segment)) {
    const plain = await plainOf(batch)
    const inflated = header.repackBatch(batch, 0, { codec: 'none', records: plain })
    expect(writtenAnew(inflated, said)).toEqual(inflated)
    if (said.compression === 'none') expect(inflated).toEqual(batch)
  }
})

test.each(segments)('$topic: packed anew with every codec, the records stay', async (segment) => {
  for (const [batch] of batchesOf(segment)) {
    const plain = await plainOf(batch)
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
      const records = await compressor.compress(codec, plain)
      const packed = header.repackBatch(batch, 0, { codec, records })
      expect(header.verifyBatch(packed, 0)).toBeUndefined()
      expect(await plainOf(packed)).toEqual(plain)
    }
    expect(new RecordCheck(batch, 0, plain).step(1000)).toBe('sound')
  }
})

test('the markers of transactions are control records of kinds 0 (abort) and 1 (commit)', () => {
  const transactions = segments.find(({ topic }) => topic === 'transactions')
  const kinds = (transactions ? batchesOf(transactions) : [])
    .filter(([batch]) => header.isControl(batch, 0))
    .flatMap(([batch]) => readRecords(batch, 0).map(decodeControlRecord))
  expect(kinds).toEqual([1, 0, 1].map((typeNumber) => ({ type: 'unknown', typeNumber })))
})

/** The records of a plain batch through our writer, under the header that Kafka gave it. */
function writtenAnew(inflated: Uint8Array, said: KafkaBatch): Uint8Array {
  // Under LogAppendTime the records keep the producer's times; only readers show the header's.
  const producers = inflated.slice()
  producers[22] = (producers[22] ?? 0) & ~8
  const records = readRecords(producers, 0)
  const bytesMax = records.reduce(
    (sum, record) => sum + recordBytesMax(record.key(), record.value(), record.headers()),
    header.batchHeaderBytes,
  )
  const writer = new BatchWriter(new Uint8Array(bytesMax), 0, bytesMax)
  for (const record of records)
    writer.append(record.key(), record.value(), record.timestampMs, record.headers())
  const { producerId: id, producerEpoch, baseSequence } = said
  const length = writer.seal({
    isControl: said.isControl,
    isTransactional: said.isTransactional,
    producer: { id, epoch: producerEpoch, baseSequence },
  })
  const batch = writer.bytes.slice(0, length)
  const place = { baseOffset: offset(said.baseOffset), leaderEpoch: epoch(said.leaderEpoch) }
  header.stampBatch(batch, 0, place)
  if (said.hasLogAppendTime) stampAppendTime(batch, said.maxTimestampMs)
  return batch
}
