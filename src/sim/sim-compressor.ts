/** The compressor port of a simulation: every codec is one tag byte and the plain bytes, done at once. */
import { type CompressionName } from '../core/record/compression.ts'
import { type Compressor } from '../engine/ports/compressor.ts'
import { StorageFault } from '../engine/ports/fault.ts'

const tags: Readonly<Record<CompressionName, number>> = {
  none: 0,
  gzip: 1,
  snappy: 2,
  lz4: 3,
  zstd: 4,
}

/** Tags instead of compressing: the simulator checks paths, not ratios. */
export function simCompressor(): Compressor {
  return {
    compress: async (codec, plain) => {
      const packed = new Uint8Array(plain.length + 1)
      packed[0] = tags[codec]
      packed.set(plain, 1)
      return Promise.resolve(codec === 'none' ? plain : packed)
    },
    decompress: async (codec, packed, plainBytesMax) => {
      if (codec === 'none') return Promise.resolve(packed)
      if (packed[0] !== tags[codec] || packed.length - 1 > plainBytesMax)
        throw new StorageFault('corrupt', `not ${codec}`)
      return Promise.resolve(packed.subarray(1))
    },
  }
}
