/**
 * The compressor port on real codecs: gzip and zstd from Node, snappy and lz4 from their native
 * packages, each loaded with its first use so that programs which need none start without them.
 * Whatever is inflated is bounded before or while it grows: `StorageFault('too-large')`; broken input is
 * `StorageFault('corrupt')`.
 */
import { promisify } from 'node:util'
import {
  gunzip,
  gzip,
  zstdCompress,
  zstdDecompress,
  type InputType,
  type ZlibOptions,
  type ZstdOptions,
} from 'node:zlib'
import { type CompressionName } from '../../core/record/compression.ts'
import { type Compressor } from '../../engine/ports/compressor.ts'
import { StorageFault } from '../../engine/ports/fault.ts'
import { lz4FrameLength } from './lz4-length.ts'
import { isXerial, joinXerial, rawSnappyLength, splitXerial, xerialBlockBytes } from './xerial.ts'

interface Codec {
  readonly compress: (plain: Uint8Array) => Promise<Uint8Array>
  readonly decompress: (packed: Uint8Array, plainBytesMax: number) => Promise<Uint8Array>
}

const gzipAsync = promisify<InputType, ZlibOptions, Buffer>(gzip)
const gunzipAsync = promisify<InputType, ZlibOptions, Buffer>(gunzip)
const zstdAsync = promisify<InputType, ZstdOptions, Buffer>(zstdCompress)
const unzstdAsync = promisify<InputType, ZstdOptions, Buffer>(zstdDecompress)

const codecs: Readonly<Record<CompressionName, Codec>> = {
  none: {
    compress: async (plain) => Promise.resolve(plain),
    decompress: async (packed, plainBytesMax) => {
      checkLength(packed.length, plainBytesMax)
      return Promise.resolve(packed)
    },
  },
  gzip: {
    compress: async (plain) => gzipAsync(plain, {}),
    decompress: async (packed, maxOutputLength) => gunzipAsync(packed, { maxOutputLength }),
  },
  zstd: {
    compress: async (plain) => zstdAsync(plain, {}),
    decompress: async (packed, maxOutputLength) => unzstdAsync(packed, { maxOutputLength }),
  },
  snappy: { compress: compressSnappy, decompress: decompressSnappy },
  lz4: {
    compress: async (plain) => {
      const { compressFrame } = await import('lz4-napi')
      return compressFrame(plain)
    },
    decompress: async (packed, plainBytesMax) => {
      checkLength(lz4FrameLength(packed, plainBytesMax), plainBytesMax)
      const { decompressFrame } = await import('lz4-napi')
      return decompressFrame(packed)
    },
  },
}

/** The port. Holds nothing; one is enough for a process. */
export function nativeCompressor(): Compressor {
  return {
    compress: async (codec, plain) => codecs[codec].compress(plain),
    decompress: async (codec, packed, plainBytesMax) => {
      try {
        return await codecs[codec].decompress(packed, plainBytesMax)
      } catch (cause) {
        if (cause instanceof StorageFault) throw cause
        if (isTooLong(cause)) throw tooLarge(plainBytesMax, cause)
        const why = cause instanceof Error ? cause.message : String(cause)
        throw new StorageFault('corrupt', `not ${codec}: ${why}`, { cause })
      }
    },
  }
}

async function compressSnappy(plain: Uint8Array): Promise<Uint8Array> {
  const { compress } = await import('snappy')
  const blocks: Promise<Buffer>[] = []
  for (let at = 0; at < plain.length; at += xerialBlockBytes) {
    blocks.push(compress(Buffer.from(plain.subarray(at, at + xerialBlockBytes))))
  }
  return joinXerial(await Promise.all(blocks))
}

async function decompressSnappy(packed: Uint8Array, plainBytesMax: number): Promise<Uint8Array> {
  const blocks = isXerial(packed) ? splitXerial(packed) : [packed]
  if (blocks === undefined) throw new StorageFault('corrupt', 'a cut xerial stream')
  let length: number | undefined = 0
  for (const block of blocks) {
    const added = rawSnappyLength(block)
    length = length === undefined || added === undefined ? undefined : length + added
  }
  checkLength(length, plainBytesMax)
  const { uncompress } = await import('snappy')
  const plain = blocks.map(async (block) => uncompress(Buffer.from(block), { asBuffer: true }))
  return Buffer.concat((await Promise.all(plain)).map((part) => Buffer.from(part)))
}

function checkLength(length: number | undefined, plainBytesMax: number): void {
  if (length === undefined) throw new StorageFault('corrupt', 'the length cannot be told')
  if (length > plainBytesMax) throw tooLarge(plainBytesMax)
}

/** What zlib says at its bound. */
function isTooLong(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
}

function tooLarge(plainBytesMax: number, cause?: unknown): StorageFault {
  const sentence = `it would inflate to more than ${plainBytesMax} bytes`
  return new StorageFault('too-large', sentence, { cause })
}
