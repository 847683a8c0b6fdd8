import { expect, test } from 'vitest'
import { MalformedBytesError, utf8 } from '../../../../src/base/bytes.ts'
import { epoch, offset } from '../../../../src/base/id.ts'
import * as header from '../../../../src/core/record/batch-header.ts'
import { readRecords, RecordCursor } from '../../../../src/core/record/batch-reader.ts'
import {
  BatchWriter,
  encodeBatch,
  recordBytesMax,
} from '../../../../src/core/record/batch-writer.ts'
import { validateClaim, type ClaimLimits } from '../../../../src/core/record/validate.ts'

const nowMs = 1_700_000_000_000

/** Limits of a topic that takes batches of so many bytes, of any time up to a minute from now. */
function taking(batchBytesMax: number): ClaimLimits {
  return { batchBytesMax, timestampMinMs: nowMs - 1000, timestampMaxMs: nowMs + 60_000 }
}

function batchOf(values: readonly string[], from = 7): Uint8Array {
  const records = values.map((value) => ({ value: utf8(value), timestampMs: nowMs }))
  return encodeBatch({ baseOffset: offset(from), leaderEpoch: epoch(3), records })
}

test('a sealed batch says where it is, how long it is and what it holds', () => {
  const batch = batchOf(['a', 'b', 'c'])
  expect(header.batchBytes(batch, 0)).toBe(batch.length)
  expect(header.baseOffset(batch, 0)).toBe(7)
  expect(header.lastOffset(batch, 0)).toBe(9)
  expect(header.nextOffset(batch, 0)).toBe(10)
  expect(header.leaderEpoch(batch, 0)).toBe(3)
  expect(header.recordCount(batch, 0)).toBe(3)
  expect(header.maxTimestampMs(batch, 0)).toBe(nowMs)
  expect(header.compression(batch, 0)).toBe('none')
  expect(header.isControl(batch, 0)).toBe(false)
  expect(header.producerId(batch, 0)).toBe(-1)
  expect(header.verifyBatch(batch, 0)).toBeUndefined()
})

test('stamping a batch moves it without touching what its CRC covers', () => {
  const batch = batchOf(['a'])
  header.stampBatch(batch, 0, { baseOffset: offset(2 ** 52), leaderEpoch: epoch(9) })
  expect(header.baseOffset(batch, 0)).toBe(2 ** 52)
  expect(header.leaderEpoch(batch, 0)).toBe(9)
  expect(header.verifyBatch(batch, 0)).toBeUndefined()
  expect(readRecords(batch, 0)[0]?.offset).toBe(2 ** 52)
})

test('a flipped bit below the CRC is found, whichever it is', () => {
  const batch = batchOf(['hello'])
  for (let bit = header.crcFrom * 8; bit < batch.length * 8; bit++) {
    const broken = batch.slice()
    broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(header.verifyBatch(broken, 0)).toBeDefined()
  }
})

test('a cut batch is not whole, at every length', () => {
  const batch = batchOf(['hello', 'you'])
  for (let length = 0; length < batch.length; length++) {
    expect(header.verifyBatch(batch.slice(0, length), 0)).toBeDefined()
    expect(header.wholeBatchBytes(batch.slice(0, length), 0)).toBeUndefined()
  }
})

test('a run is walked batch by batch', () => {
  const run = new Uint8Array([...batchOf(['a'], 0), ...batchOf(['b', 'c'], 1)])
  const seen: number[] = []
  header.forEachBatch(run, (at) => seen.push(header.nextOffset(run, at)))
  expect(seen).toEqual([1, 3])
})

test('a writer never writes outside its region', () => {
  const bytes = new Uint8Array(300).fill(0xaa)
  const writer = new BatchWriter(bytes, 50, 250)
  const value = new Uint8Array(40)
  while (writer.fits(recordBytesMax(undefined, value))) writer.append(undefined, value, nowMs)
  const length = writer.seal()
  expect(header.verifyBatch(bytes.subarray(50, 50 + length), 0)).toBeUndefined()
  expect(bytes.subarray(0, 50).every((byte) => byte === 0xaa)).toBe(true)
  expect(bytes.subarray(250).every((byte) => byte === 0xaa)).toBe(true)
})

test('a record that does not fit is a defect, not an overrun', () => {
  const writer = new BatchWriter(new Uint8Array(100), 0, 100)
  expect(() => writer.append(undefined, new Uint8Array(100), nowMs)).toThrow('does not fit')
})

test('a record may be older than the one before it', () => {
  const records = [{ timestampMs: 1000 }, { timestampMs: 10 }, { timestampMs: 2 ** 43 }]
  const batch = encodeBatch({ baseOffset: offset(0), leaderEpoch: epoch(0), records })
  expect(readRecords(batch, 0).map((record) => record.timestampMs)).toEqual([1000, 10, 2 ** 43])
  expect(header.maxTimestampMs(batch, 0)).toBe(2 ** 43)
})

test('key and value tell absent from empty', () => {
  const records = [{ timestampMs: 0 }, { key: utf8(''), value: utf8(''), timestampMs: 0 }]
  const batch = encodeBatch({ baseOffset: offset(0), leaderEpoch: epoch(0), records })
  const [absent, empty] = readRecords(batch, 0)
  expect([absent?.key(), absent?.value()]).toEqual([undefined, undefined])
  expect([empty?.key()?.length, empty?.value()?.length]).toEqual([0, 0])
})

test('a cursor refuses a batch with bytes after its last record', () => {
  const batch = batchOf(['a', 'b'])
  batch[60] = 1 // the header claims one record less
  const cursor = new RecordCursor().open(batch, 0)
  expect(cursor.next()).toBe(true)
  expect(() => cursor.next()).toThrow(MalformedBytesError)
})

test('a claim is refused by name when it is not what a producer sends', () => {
  const sound = batchOf(['a', 'b'], 0)
  expect(validateClaim(sound, taking(1000))).toEqual({ ok: true, batchCount: 1, recordCount: 2 })
  expect(validateClaim(new Uint8Array(0), taking(1000))).toMatchObject({ code: 'INVALID_RECORD' })
  expect(validateClaim(sound, taking(sound.length - 1))).toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
  })
  expect(validateClaim(sound.slice(0, -1), taking(1000))).toMatchObject({ code: 'CORRUPT_MESSAGE' })
  const unknown = sound.slice()
  unknown[22] = 7
  expect(validateClaim(unknown, taking(1000))).toMatchObject({
    code: 'UNSUPPORTED_COMPRESSION_TYPE',
  })
  const control = encodeBatch({
    baseOffset: offset(0),
    leaderEpoch: epoch(0),
    isControl: true,
    records: [{ timestampMs: 0 }],
  })
  expect(validateClaim(control, taking(1000))).toMatchObject({ code: 'INVALID_RECORD' })
})

test('the second of two claimed batches is checked as well', () => {
  const second = batchOf(['b'])
  second[second.length - 1] = 1
  const run = new Uint8Array([...batchOf(['a']), ...second])
  expect(validateClaim(run, taking(1000))).toMatchObject({
    code: 'CORRUPT_MESSAGE',
    message: expect.stringMatching(/^batch 2 \(at byte \d+\) .*wrong CRC; /) as unknown,
  })
})

test('times beyond what the topic takes are refused, and none at all is taken', () => {
  const at = (...times: readonly number[]): Uint8Array =>
    encodeBatch({
      records: times.map((timestampMs) => ({ timestampMs })),
      baseOffset: offset(0),
      leaderEpoch: epoch(0),
    })
  for (const times of [[nowMs + 60_000], [nowMs - 1000, nowMs], [-1]])
    expect(validateClaim(at(...times), taking(1000)).ok).toBe(true)
  for (const times of [
    [nowMs + 60_001],
    [nowMs, nowMs + 90_000],
    [nowMs - 1001],
    [nowMs - 2000, nowMs],
  ])
    expect(validateClaim(at(...times), taking(1000))).toMatchObject({ code: 'INVALID_TIMESTAMP' })
})
