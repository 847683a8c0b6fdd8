import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compressionNames } from '../../../../src/core/record/compression.ts'
import { nativeCompressor } from '../../../../src/edge/compression/codecs.ts'
import { compress as compressRawSnappy } from 'snappy'

const compressor = nativeCompressor()
const packing = compressionNames.filter((codec) => codec !== 'none')

test.each(packing)('%s: what is packed is unpacked, and text becomes smaller', async (codec) => {
  const plain = new Uint8Array(Buffer.from('the same words again, '.repeat(5000)))
  const packed = await compressor.compress(codec, plain)
  expect(packed.length).toBeLessThan(plain.length / 5)
  const back = await compressor.decompress(codec, packed, plain.length)
  expect(Buffer.from(back).equals(plain)).toBe(true)
})

test.each(packing)('%s: any bytes come back', async (codec) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100_000 }), async (plain) => {
      const packed = await compressor.compress(codec, plain)
      const back = await compressor.decompress(codec, packed, 100_000)
      expect(Buffer.from(back).equals(plain)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

test.each(packing)('%s: a bomb is refused before it goes off', async (codec) => {
  const packed = await compressor.compress(codec, new Uint8Array(10_000_000))
  expect(packed.length).toBeLessThan(600_000)
  await expect(compressor.decompress(codec, packed, 9_999_999)).rejects.toMatchObject({
    code: 'too-large',
  })
})

test.each(packing)('%s: cut or garbled input is refused, never a crash', async (codec) => {
  const packed = await compressor.compress(codec, new Uint8Array(Buffer.from('abcdef'.repeat(500))))
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat({ max: 255 }), fc.boolean(), async (at, byte, isCut) => {
      const broken = isCut ? packed.slice(0, at % packed.length) : new Uint8Array(packed)
      if (!isCut) broken[at % packed.length] = byte
      const outcome = await compressor
        .decompress(codec, broken, 10_000)
        .catch((cause: unknown) => cause)
      if (outcome instanceof Error)
        expect(outcome).toMatchObject({
          code: expect.stringMatching(/^(corrupt|too-large)$/) as unknown,
        })
      else expect(outcome).toBeInstanceOf(Uint8Array)
    }),
    { numRuns: 200 },
  )
})

test('raw snappy without the stream around it is read as well', async () => {
  const packed = await compressRawSnappy(Buffer.from('raw raw raw raw'))
  const back = await compressor.decompress('snappy', packed, 100)
  expect(Buffer.from(back).toString()).toBe('raw raw raw raw')
})

test('the bound is on plain bytes, to the byte', async () => {
  const packed = gzipSync(new Uint8Array(100))
  expect((await compressor.decompress('gzip', packed, 100)).length).toBe(100)
  await expect(compressor.decompress('gzip', packed, 99)).rejects.toMatchObject({
    code: 'too-large',
  })
})
