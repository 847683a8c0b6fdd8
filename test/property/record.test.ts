import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MalformedBytesError } from '../../src/base/bytes.ts'
import { epoch, offset } from '../../src/base/id.ts'
import {
  batchBytes,
  batchHeaderBytes,
  crcFrom,
  verifyBatch,
  verifyHeader,
  writeBatchHeader,
} from '../../src/core/record/batch-header.ts'
import { readRecords } from '../../src/core/record/batch-reader.ts'
import { encodeBatch, type PlainRecord } from '../../src/core/record/batch-writer.ts'
import { decodeControlRecord } from '../../src/core/record/control-record.ts'
import { validateClaim } from '../../src/core/record/validate.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const optional = fc.option(bytes, { nil: undefined })
const record: fc.Arbitrary<PlainRecord> = fc
  .record({
    key: optional,
    value: optional,
    headers: fc.array(fc.record({ name: fc.string({ unit: 'binary' }), value: optional }), {
      maxLength: 4,
    }),
    timestampMs: fc.integer({ min: 0, max: 2 ** 45 }),
  })
  .map(({ key, value, ...rest }) => ({
    ...rest,
    ...(key !== undefined && { key }),
    ...(value !== undefined && { value }),
  }))
const records = fc.array(record, { minLength: 1, maxLength: 20 })

function encode(list: readonly PlainRecord[], from = 0): Uint8Array {
  return encodeBatch({ baseOffset: offset(from), leaderEpoch: epoch(1), records: list })
}

/** Reads everything there is to read; only a malformed batch may be refused, and only that way. */
function readAll(batch: Uint8Array): void {
  try {
    for (const view of readRecords(batch, 0)) {
      view.key()
      view.value()
      view.headers()
      decodeControlRecord(view)
    }
  } catch (cause) {
    expect(cause).toBeInstanceOf(MalformedBytesError)
  }
}

test('what is encoded is decoded', () => {
  fc.assert(
    fc.property(records, fc.nat(), (list, from) => {
      const batch = encode(list, from)
      expect(verifyBatch(batch, 0)).toBeUndefined()
      expect(batchBytes(batch, 0)).toBe(batch.length)
      const read = readRecords(batch, 0).map((view) => ({
        offset: view.offset,
        key: view.key(),
        value: view.value(),
        timestampMs: view.timestampMs,
        headers: view.headers(),
      }))
      const sent = list.map(({ key, value, headers, timestampMs }, index) => {
        return { offset: from + index, key, value, timestampMs, headers }
      })
      expect(read).toEqual(sent)
    }),
  )
})

test('a flipped bit or a cut is refused, or only moves the batch', () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.nat(), (list, at, bit) => {
      const batch = encode(list)
      const index = at % batch.length
      const broken = batch.slice()
      broken[index] = (broken[index] ?? 0) ^ (1 << (bit & 7))
      const isPlace = index < 8 || (index >= 12 && index < 16)
      if (!isPlace) expect(verifyBatch(broken, 0)).toBeDefined()
      expect(verifyBatch(batch.slice(0, index), 0)).toBeDefined()
    }),
  )
})

test('records that were garbled before the CRC was made are refused, and reading them ends', () => {
  fc.assert(
    fc.property(
      records,
      fc.nat(),
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      (list, at, noise) => {
        const batch = encode(list)
        const from = crcFrom + (at % (batch.length - crcFrom))
        batch.set(noise.subarray(0, batch.length - from), from)
        if (verifyHeader(batch, 0) === undefined) readAll(batch)
      },
    ),
    { numRuns: 500 },
  )
})

test('any bytes behind a sound header are read to an end', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.integer({ min: 1, max: 1000 }),
      (noise, recordCount) => {
        const batch = new Uint8Array(batchHeaderBytes + noise.length)
        batch.set(noise, batchHeaderBytes)
        writeBatchHeader(batch, 0, {
          batchBytes: batch.length,
          lastOffsetDelta: recordCount - 1,
          recordCount,
          baseTimestampMs: 0,
          maxTimestampMs: 0,
        })
        expect(verifyBatch(batch, 0)).toBeUndefined()
        readAll(batch)
      },
    ),
    { numRuns: 500 },
  )
})

test('any bytes claimed by a client are refused or taken, never a fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, looksRight) => {
      if (looksRight && noise.length > 16) noise[16] = 2
      expect(
        validateClaim(noise, { batchBytesMax: 1000, timestampMinMs: 0, timestampMaxMs: Infinity })
          .ok,
      ).toBe(false)
    }),
    { numRuns: 500 },
  )
})
