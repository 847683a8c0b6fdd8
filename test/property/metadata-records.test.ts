import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from '../../src/core/metadata/record-codec.ts'
import { anyRecord } from './metadata-arbitrary.ts'

test('every record survives its bytes', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      expect(decodeRecord(encodeRecord(record))).toEqual({ ok: true, record })
    }),
    { numRuns: 2000 },
  )
})

test('cut or lengthened bytes of a record are refused, never half read', () => {
  fc.assert(
    fc.property(anyRecord, fc.nat(), (record, cut) => {
      const bytes = encodeRecord(record)
      expect(decodeRecord(bytes.subarray(0, cut % bytes.length)).ok).toBe(false)
      expect(decodeRecord(Uint8Array.of(...bytes, 0)).ok).toBe(false)
    }),
    { numRuns: 1000 },
  )
})

test('arbitrary bytes are a record or refused with a sentence, never a defect', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 2, 3, 4, 5, 9, 12, 17, 20), fc.uint8Array(), (type, body) => {
      const decoded = decodeRecord(Uint8Array.of(1, 0, type, 1, ...body))
      if (!decoded.ok) expect(decoded.message).toMatch(/\.$/)
    }),
    { numRuns: 5000 },
  )
})
