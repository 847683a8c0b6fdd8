import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ByteReader,
  ByteWriter,
  compareBytes,
  concatBytes,
  MalformedBytesError,
  varintBytes,
} from '../../../src/base/bytes.ts'

test('what a writer wrote, a reader reads back', () => {
  fc.assert(
    fc.property(
      fc.record({
        small: fc.integer({ min: -128, max: 127 }),
        int32: fc.integer(),
        int64: fc.maxSafeInteger(),
        varint: fc.integer({ min: 1 - 2 ** 52, max: 2 ** 52 - 1 }),
        text: fc.string({ unit: 'grapheme' }),
        bytes: fc.uint8Array(),
      }),
      (value) => {
        const writer = new ByteWriter(1)
        writer.int8(value.small).int32(value.int32).int64(value.int64).varint(value.varint)
        writer.text(value.text).varint(value.bytes.length).bytes(value.bytes)
        const reader = new ByteReader(writer.finish())
        expect(reader.int8()).toBe(value.small)
        expect(reader.int32()).toBe(value.int32)
        expect(reader.int64()).toBe(value.int64)
        expect(reader.varint()).toBe(value.varint)
        expect(reader.text()).toBe(value.text)
        expect(reader.bytes(reader.count(1))).toEqual(value.bytes)
        expect(reader.remaining).toBe(0)
      },
    ),
  )
})

test('a varint takes as many bytes as varintBytes says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1 - 2 ** 52, max: 2 ** 52 - 1 }), (value) => {
      expect(new ByteWriter().varint(value).length).toBe(varintBytes(value))
    }),
  )
})

test('a reader refuses to run past the end', () => {
  expect(() => new ByteReader(Uint8Array.of(1, 2)).int32()).toThrow(MalformedBytesError)
  expect(() => new ByteReader(Uint8Array.of(200, 1, 7)).text()).toThrow(MalformedBytesError)
  expect(() => new ByteReader(Uint8Array.of(2, 255)).text()).toThrow(MalformedBytesError)
})

test('a reader never crashes on bytes from outside', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const reader = new ByteReader(bytes)
      try {
        for (;;) reader.text()
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedBytesError)
      }
    }),
  )
})

test('byte strings are ordered as unsigned bytes, a prefix first', () => {
  expect(compareBytes(Uint8Array.of(1), Uint8Array.of(255))).toBeLessThan(0)
  expect(compareBytes(Uint8Array.of(1, 0), Uint8Array.of(1))).toBeGreaterThan(0)
  expect(compareBytes(Uint8Array.of(7), Uint8Array.of(7))).toBe(0)
})

test('slices are joined in order', () => {
  expect(concatBytes([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)])).toEqual(
    Uint8Array.of(1, 2, 3),
  )
})
