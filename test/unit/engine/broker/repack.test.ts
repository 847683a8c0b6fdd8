/** `compression.type`: what is stored, in which order, and what is refused. */
import { expect, test } from 'vitest'
import { concatBytes, utf8 } from '../../../../src/base/bytes.ts'
import { epoch, offset, partitionIndex, type TopicId } from '../../../../src/base/id.ts'
import { type PartitionFetched } from '../../../../src/core/api/fetch.ts'
import { type PartitionProduced } from '../../../../src/core/api/produce.ts'
import * as header from '../../../../src/core/record/batch-header.ts'
import { readRecords } from '../../../../src/core/record/batch-reader.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'
import { type CompressionName } from '../../../../src/core/record/compression.ts'
import { StorageFault } from '../../../../src/engine/ports/fault.ts'
import { type RepackFor, Repacker } from '../../../../src/engine/broker/repacker.ts'
import { present } from '../../../../src/base/assert.ts'
import { simCompressor } from '../../../../src/sim/sim-compressor.ts'
import { batchOf, type BrokerStage, offsetsOf, onBrokers } from './stage.ts'

const compressor = simCompressor()

async function packedWith(codec: CompressionName, plain: Uint8Array): Promise<Uint8Array> {
  const records = await compressor.compress(codec, plain.subarray(header.batchHeaderBytes))
  return header.repackBatch(plain, 0, { codec, records })
}

function codecsOf(fetched: PartitionFetched | undefined): readonly CompressionName[] {
  const codecs: CompressionName[] = []
  for (const slice of fetched?.records ?? [])
    header.forEachBatch(slice, (at) => codecs.push(header.compression(slice, at)))
  return codecs
}

async function send(
  stage: BrokerStage,
  topicId: TopicId,
  entries: readonly Uint8Array[],
): Promise<readonly PartitionProduced[]> {
  const partition = partitionIndex(0)
  const partitions = entries.map((records) => ({ topicId, partition, records }))
  const outcome = await stage.ask(1, 'produce', { acks: 'all', partitions })
  return outcome.ok ? outcome.value.partitions : []
}

test('a batch of another codec is stored with the topic’s, all its records and places kept', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1], { 'compression.type': 'lz4' })
    const plain = encodeBatch({
      records: [3, 9, 4].map((timestampMs) => ({
        ...{ key: utf8('k'), value: utf8('x'.repeat(100)), timestampMs },
        headers: [{ name: 'h', value: undefined }],
      })),
      baseOffset: offset(0),
      leaderEpoch: epoch(0),
    })
    const gzip = await packedWith('gzip', plain)
    const lz4 = await packedWith('lz4', plain)
    const answers = await send(stage, id, [plain, concatBytes([gzip, lz4, plain]), lz4])
    expect(answers.map(({ baseOffset }) => baseOffset)).toEqual([0, 3, 12])
    const fetched = await stage.fetch(1, id)
    expect(codecsOf(fetched)).toEqual(['lz4', 'lz4', 'lz4', 'lz4', 'lz4'])
    expect(offsetsOf(fetched)).toEqual([0, 3, 6, 9, 12])
    for (const slice of fetched?.records ?? []) {
      header.forEachBatch(slice, (at, length) => {
        expect(header.verifyBatch(slice, at)).toBeUndefined()
        const stored = slice.slice(at, at + length)
        header.stampBatch(stored, 0, { baseOffset: offset(0), leaderEpoch: epoch(0) })
        expect(stored).toEqual(header.repackBatch(lz4, 0, { codec: 'lz4', records: lz4.subarray(61) })) // prettier-ignore
      })
    }
  })
})

test.each(['none', 'uncompressed'])(
  'compression.type=%s inflates, producer keeps',
  async (type) => {
    await onBrokers(1, async (stage) => {
      const none = await stage.topic('none', [1], { 'compression.type': type })
      const kept = await stage.topic('kept', [1])
      const plain = batchOf(['a', 'b'])
      const zstd = await packedWith('zstd', plain)
      await send(stage, none, [zstd])
      await send(stage, kept, [zstd])
      expect(codecsOf(await stage.fetch(1, kept))).toEqual(['zstd'])
      const [slice] = (await stage.fetch(1, none))?.records ?? []
      expect(slice && readRecords(slice, 0).map((record) => record.value())).toEqual([
        utf8('a'),
        utf8('b'),
      ])
    })
  },
)

test('records of a partition keep their order while some are repacked and some are not', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1], { 'compression.type': 'snappy' })
    const plain = batchOf(['x'])
    const snappy = await packedWith('snappy', batchOf(['a', 'b']))
    const sent = Array.from({ length: 20 }, async (_, index) =>
      send(stage, id, [index % 3 === 0 ? plain : snappy]),
    )
    const places = (await Promise.all(sent)).map(([answer]) => answer?.baseOffset)
    expect(places).toEqual([...places].sort((left, right) => (left ?? 0) - (right ?? 0)))
    expect(codecsOf(await stage.fetch(1, id))).toEqual(sent.map(() => 'snappy'))
  })
})

test('a batch that is refused while it is repacked harms no other of its request', async () => {
  await onBrokers(1, async (stage) => {
    const options = { 'compression.type': 'gzip', 'max.message.bytes': '2000' }
    const id = await stage.topic('t', [1], options)
    const sound = batchOf(['a'])
    const bomb = await packedWith('zstd', batchOf(['x'.repeat(50_000)]))
    const nonsense = header.repackBatch(sound, 0, { codec: 'lz4', records: utf8('nonsense') })
    const overlapping = batchOf(['a', 'b'])
    const recordBytes = (overlapping.length - header.batchHeaderBytes) / 2
    const records = overlapping.slice(header.batchHeaderBytes)
    records.copyWithin(recordBytes, 0, recordBytes)
    const noise = Uint8Array.from({ length: 1920 }, (_, index) => (index * 7919) % 251)
    const grows = encodeBatch({
      records: [{ value: noise, timestampMs: 1 }],
      baseOffset: offset(0),
      leaderEpoch: epoch(0),
    })
    expect(grows.length).toBeLessThan(2000)
    const answers = await send(stage, id, [
      sound,
      concatBytes([sound, bomb]),
      nonsense,
      header.repackBatch(overlapping, 0, { codec: 'none', records }),
      grows,
      sound,
    ])
    expect(answers.map(({ error }) => error?.code)).toEqual([
      undefined,
      'MESSAGE_TOO_LARGE',
      'CORRUPT_MESSAGE',
      'INVALID_RECORD',
      'MESSAGE_TOO_LARGE',
      undefined,
    ])
    expect(answers[1]?.error?.message).toMatch(
      /^t-0: batch 2 \(at byte \d+\) inflates to more than 16000 bytes.*: send less/,
    )
    for (const { error } of answers)
      if (error) expect(error.message).toMatch(/^t-0: batch \d \(at byte \d+\) .+[:;] .+/)
  })
})

test('an idempotent batch sent again while the first is repacked is appended once', async () => {
  await onBrokers(1, async (stage) => {
    const id = await stage.topic('t', [1], { 'compression.type': 'gzip' })
    const batch = batchOf(['once'])
    const producer = { id: 7, epoch: 0, baseSequence: 0 }
    const length = batch.length
    const facts = { batchBytes: length, lastOffsetDelta: 0, recordCount: 1, producer }
    header.writeBatchHeader(batch, 0, { ...facts, baseTimestampMs: 1, maxTimestampMs: 1 })
    const answers = await send(stage, id, [batch, batch.slice(), batch.slice()])
    expect(answers.map(({ baseOffset, error }) => error?.code ?? baseOffset)).toEqual([0, 0, 0])
    expect(stage.replica(1, 't')?.log.endOffset()).toBe(1)
  })
})

test('what cannot be packed, or is too late, is left out, and what waits behind it is placed', async () => {
  await onBrokers(1, async (stage) => {
    await stage.topic('t', [1], { 'compression.type': 'gzip' })
    const config = present(stage.replica(1, 't'), 'the partition').config()
    const { clock } = stage.cluster.clientPorts()
    let callCount = 0
    const compress: typeof compressor.compress = async (codec, plain) => {
      callCount += 1
      if (callCount === 1) throw new StorageFault('io', 'no memory')
      return compressor.compress(codec, plain)
    }
    const repacker = new Repacker({ clock, compressor: { ...compressor, compress } })
    const partition: RepackFor = { key: 't-0', config: () => config, deadlineAtMs: Infinity }
    const placed: string[] = []
    const run = async (name: string, deadlineAtMs: number): Promise<void> =>
      repacker.run({ ...partition, deadlineAtMs }, batchOf([name]), () => placed.push(name))
    const ends = await Promise.allSettled([
      run('fails', Infinity),
      run('late', clock.nowMs()),
      run('next', Infinity),
    ])
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect([placed, callCount]).toEqual([['next'], 2])
    expect(repacker.mustWait(partition, await packedWith('gzip', batchOf(['a'])))).toBe(false)
  })
})
