import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { epoch, offset } from '../../../../src/base/id.ts'
import * as header from '../../../../src/core/record/batch-header.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'
import { RecordCheck } from '../../../../src/core/record/record-check.ts'

const batch = encodeBatch({
  records: [5, 7, 6].map((timestampMs) => ({
    ...{ key: utf8('k'), value: utf8('v'), timestampMs },
    headers: [{ name: 'h', value: utf8('x') }],
  })),
  baseOffset: offset(40),
  leaderEpoch: epoch(3),
})
const plain = batch.subarray(header.batchHeaderBytes)

/** The verdict on these records under the header of `batch`. */
function verdictOn(records: Uint8Array, bytes = batch, perStep = 100): unknown {
  const check = new RecordCheck(bytes, 0, records)
  let verdict = check.step(perStep)
  while (verdict === 'more') verdict = check.step(perStep)
  return verdict
}

test('sound records are sound, in slices of any size', () => {
  for (const perStep of [1, 2, 3, 4, 100]) expect(verdictOn(plain, batch, perStep)).toBe('sound')
})

test('a slice looks at no more records than it may', () => {
  const check = new RecordCheck(batch, 0, plain)
  expect([check.step(2), check.step(1), check.step(1)]).toEqual(['more', 'more', 'sound'])
})

test('more or fewer records than the header says are refused', () => {
  const recordBytes = plain.length / 3
  expect(verdictOn(plain.subarray(0, 2 * recordBytes))).toMatchObject({ code: 'INVALID_RECORD' })
  const twice = new Uint8Array([...plain, ...plain])
  expect(verdictOn(twice)).toMatchObject({ code: 'INVALID_RECORD' })
})

test('overlapping offsets inside a batch are refused', () => {
  const recordBytes = plain.length / 3
  const overlapping = plain.slice()
  overlapping.copyWithin(recordBytes, 0, recordBytes)
  expect(verdictOn(overlapping)).toMatchObject({
    code: 'INVALID_RECORD',
    message: expect.stringMatching(/record 1 has offset delta 0/) as unknown,
  })
})

test('a greatest timestamp that no record has is refused', () => {
  const later = batch.slice()
  later[42] = 99
  expect(verdictOn(plain, later)).toMatchObject({ code: 'INVALID_TIMESTAMP' })
})

test('whatever the bytes, the verdict is a refusal or sound, never a throw', () => {
  for (let at = 0; at < plain.length; at++) {
    for (const byte of [0, 1, 2, 127, 128, 255]) {
      const broken = plain.slice()
      broken[at] = byte
      const verdict = verdictOn(broken)
      if (verdict !== 'sound') expect(verdict).toMatchObject({ ok: false })
    }
  }
})

test('a repacked batch keeps everything but its codec, length and CRC', () => {
  const records = utf8('packed')
  const packed = header.repackBatch(batch, 0, { codec: 'lz4', records })
  expect(header.verifyBatch(packed, 0)).toBeUndefined()
  expect(header.compression(packed, 0)).toBe('lz4')
  expect(packed.subarray(header.batchHeaderBytes)).toEqual(records)
  expect(header.repackBatch(packed, 0, { codec: 'none', records: plain })).toEqual(batch)
})
