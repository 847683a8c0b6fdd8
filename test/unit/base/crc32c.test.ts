import { crc32c as nativeCrc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c, portableCrc32c } from '../../../src/base/crc32c.ts'
import { utf8 } from '../../../src/base/bytes.ts'

test('the checksum of the standard check text is the Castagnoli value', () => {
  expect(crc32c(utf8('123456789'))).toBe(0xe3069283)
})

test('the portable function agrees with the native one on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(portableCrc32c(bytes)).toBe(nativeCrc32c(Buffer.from(bytes)))
    }),
  )
})

test('a checksum continued from a seed equals the checksum of the whole', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 99 }),
      fc.uint8Array({ maxLength: 99 }),
      (left, right) => {
        expect(crc32c(right, crc32c(left))).toBe(crc32c(Uint8Array.from([...left, ...right])))
      },
    ),
  )
})
