import { expect, test } from 'vitest'
import { simCompressor } from '../../../src/sim/sim-compressor.ts'

const { compress, decompress } = simCompressor()

test('what was packed comes back, and what repeats gets shorter', async () => {
  const spaces = new TextEncoder().encode(`value${' '.repeat(1000)}end`)
  const mixed = Uint8Array.from({ length: 1000 }, (_, index) => (index * index) % 7)
  for (const plain of [new Uint8Array(), Uint8Array.of(1), spaces, mixed]) {
    const bytes = await compress('lz4', plain)
    expect(await decompress('lz4', bytes, plain.length)).toEqual(plain)
  }
  expect((await compress('zstd', spaces)).length).toBeLessThan(50)
})

test('a block of another codec is corrupt, one that inflates too far is too large', async () => {
  const bytes = await compress('lz4', new Uint8Array(1000))
  await expect(async () => decompress('gzip', bytes, 1000)).rejects.toMatchObject({
    code: 'corrupt',
  })
  await expect(async () => decompress('lz4', bytes, 999)).rejects.toMatchObject({
    code: 'too-large',
  })
})
