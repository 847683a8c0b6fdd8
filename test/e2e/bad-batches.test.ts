/**
 * Batches that are no batches, sent to real nodes past the SDK, which would not make them: each is
 * refused by name, with a sentence that says which batch, what and what to do; nothing of it is stored,
 * and what stood beside it in the same request is.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { concatBytes, utf8, viewOf } from '../../src/base/bytes.ts'
import { crc32c } from '../../src/base/crc32c.ts'
import { epoch, offset, partitionIndex } from '../../src/base/id.ts'
import { type PartitionProduced } from '../../src/core/api/produce.ts'
import * as header from '../../src/core/record/batch-header.ts'
import { encodeBatch } from '../../src/core/record/batch-writer.ts'
import { type CompressionName } from '../../src/core/record/compression.ts'
import { nativeCompressor } from '../../src/edge/compression/codecs.ts'
import { GrpcTransport } from '../../src/edge/grpc/transport.ts'
import { systemClock } from '../../src/edge/system/system-clock.ts'
import { type Channel } from '../../src/engine/ports/transport.ts'
import { sluice } from '../processes/command.ts'
import { startTemporaryCluster, type TemporaryCluster } from '../processes/temporary-cluster.ts'

let running: TemporaryCluster
let channel: Channel
const compressor = nativeCompressor()

beforeAll(async () => {
  running = await startTemporaryCluster({ nodeCount: 1 })
  const [host = '', port = ''] = running.bootstrap.split(':')
  const hello = { protocolMin: 1, protocolMax: 1, clientId: 'bad', features: [] }
  const transport = new GrpcTransport({ clock: systemClock(), telemetry: { log: () => undefined } })
  channel = transport.connect({ host, port: Number(port), hello, role: 'client' })
}, 100_000)

afterAll(async () => {
  await channel.close()
  await running[Symbol.asyncDispose]()
})

async function onCluster(...args: readonly string[]): Promise<string> {
  const ended = await sluice([...args, '--bootstrap', running.bootstrap])
  expect(ended).toMatchObject({ status: 0 })
  return ended.stdout
}

function batchOf(values: readonly string[], timestampMs = Date.now()): Uint8Array {
  const records = values.map((value) => ({ value: utf8(value), timestampMs }))
  return encodeBatch({ records, baseOffset: offset(0), leaderEpoch: epoch(0) })
}

/** The batch with other plain records under its header, its CRC right. */
function withRecords(batch: Uint8Array, records: Uint8Array): Uint8Array {
  return header.repackBatch(batch, 0, { codec: 'none', records })
}

/** The batch with some bytes of its header changed, its CRC right. */
function withBytes(batch: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const changed = batch.slice()
  changed.set(bytes, at)
  viewOf(changed).setUint32(17, crc32c(changed.subarray(header.crcFrom)))
  return changed
}

async function packedWith(codec: CompressionName, batch: Uint8Array): Promise<Uint8Array> {
  const records = await compressor.compress(codec, batch.subarray(header.batchHeaderBytes))
  return header.repackBatch(batch, 0, { codec, records })
}

/** Makes a topic of one partition, and sends the entries to it in one request. */
async function send(
  topic: string,
  config: readonly string[],
  entries: readonly Uint8Array[],
): Promise<readonly PartitionProduced[]> {
  const configs = config.flatMap((each) => ['--config', each])
  await onCluster('topic', 'create', topic, '--partitions', '1', ...configs)
  const found = await channel.request('metadata', { topics: [topic] }, { timeoutMs: 10_000 })
  const topicId = found.ok ? found.value.topics[0]?.id : undefined
  if (topicId === undefined) throw new Error(`no topic ${topic}`)
  const partitions = entries.map((records) => ({
    topicId,
    partition: partitionIndex(0),
    records,
  }))
  const request = { acks: 'all', partitions } as const
  const outcome = await channel.request('produce', request, { timeoutMs: 30_000 })
  return outcome.ok ? outcome.value.partitions : []
}

function expectSentences(topic: string, answers: readonly PartitionProduced[]): void {
  const sentence = new RegExp(`^${topic}-0: batch \\d+ \\(at byte \\d+\\) .+[:;] .+`)
  for (const { error } of answers) if (error) expect(error.message).toMatch(sentence)
}

test('wrong CRC, count, offsets, codec and marks are refused one by one, the rest is stored', async () => {
  const sound = batchOf(['sound'])
  const two = batchOf(['one', 'two'])
  const wrongCrc = sound.slice()
  wrongCrc[wrongCrc.length - 2] = 0x7f
  const answers = await send('headers', ['max.message.bytes=2000'], [
    batchOf(['before']),
    wrongCrc,
    withBytes(two, 57, [0, 0, 0, 1]), // one record over two offsets
    withBytes(two, 57, [0, 0, 0, 9]), // nine records over two offsets
    withBytes(two, 23, [0, 0, 0, 7]), // offsets that would overlap what comes next
    withBytes(sound, 22, [5]), // codec 5
    withBytes(sound, 22, [32]), // a control batch
    withBytes(sound, 27, [0x7f]), // a time beyond what a number can say
    batchOf(['tomorrow'], Date.now() + 86_400_000),
    batchOf(['x'.repeat(3000)]),
    concatBytes([sound, sound.subarray(0, 40)]),
    utf8('GET / HTTP/1.1\r\nHost: somebody.example\r\nAccept: */*\r\n\r\nnot a batch'),
    batchOf(['after']),
  ]) // prettier-ignore
  expect(answers.map(({ error }) => error?.code)).toEqual([
    undefined,
    'CORRUPT_MESSAGE',
    'INVALID_RECORD',
    'CORRUPT_MESSAGE',
    'INVALID_RECORD',
    'UNSUPPORTED_COMPRESSION_TYPE',
    'INVALID_RECORD',
    'INVALID_TIMESTAMP',
    'INVALID_TIMESTAMP',
    'MESSAGE_TOO_LARGE',
    'CORRUPT_MESSAGE',
    'CORRUPT_MESSAGE',
    undefined,
  ])
  expectSentences('headers', answers)
  expect(await onCluster('consume', 'headers')).toBe('before\nafter\n')
})

test('bombs of every codec are refused where batches are opened, before they go off', async () => {
  const bomb = batchOf(['x'.repeat(60_000_000)])
  const bombs = await Promise.all(
    (['gzip', 'snappy', 'lz4', 'zstd'] as const).map(async (codec) => packedWith(codec, bomb)),
  )
  const config = ['compression.type=none', 'max.message.bytes=10000000']
  const answers = await send('bombs', config, [...bombs, batchOf(['after'])])
  expect(answers.map(({ error }) => error?.code)).toEqual([
    ...bombs.map(() => 'MESSAGE_TOO_LARGE'),
    undefined,
  ])
  expectSentences('bombs', answers)
  expect(await onCluster('consume', 'bombs')).toBe('after\n')
})

test('records that are none are refused where batches are opened', async () => {
  const two = batchOf(['one', 'two'])
  const records = two.slice(header.batchHeaderBytes)
  const overlapping = records.slice()
  overlapping.copyWithin(records.length / 2, 0, records.length / 2)
  const answers = await send('records', ['compression.type=zstd'], [
    withRecords(two, overlapping),
    withRecords(two, records.subarray(0, records.length / 2)),
    withRecords(two, utf8('no records at all')),
    header.repackBatch(two, 0, { codec: 'lz4', records: utf8('not lz4') }),
    two,
  ]) // prettier-ignore
  expect(answers.map(({ error }) => error?.code)).toEqual([
    'INVALID_RECORD',
    'INVALID_RECORD',
    'INVALID_RECORD',
    'CORRUPT_MESSAGE',
    undefined,
  ])
  expectSentences('records', answers)
  expect(await onCluster('consume', 'records')).toBe('one\ntwo\n')
})

test('a bomb that passed through is refused by the consumer, by name, and harms nobody', async () => {
  const bomb = await packedWith('zstd', batchOf(['x'.repeat(140_000_000)]))
  const [answer] = await send('passed', [], [bomb])
  expect(answer?.error).toBeUndefined()
  const consumed = await sluice(['consume', 'passed', '--bootstrap', running.bootstrap])
  expect(consumed.status).toBe(1)
  expect(consumed.stderr).toMatch(/batch at offset 0 .*inflate/)
  expect(await onCluster('topic', 'list')).toMatch(/passed/)
})
