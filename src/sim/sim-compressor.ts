/**
 * The compressor port of a simulation: every codec is a tag byte and runs of equal bytes (PackBits),
 * done at once. It shrinks what repeats, which is all that the paths around it need.
 */
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
/** Longest run or stretch of plain bytes that one count can say. */
const countMax = 128

/** Packs and unpacks without a thread pool. */
export function simCompressor(): Compressor {
  return {
    compress: async (codec, plain) =>
      Promise.resolve(codec === 'none' ? plain : packed(tags[codec], plain)),
    decompress: async (codec, bytes, plainBytesMax) =>
      Promise.resolve(codec === 'none' ? bytes : unpacked(tags[codec], bytes, plainBytesMax)),
  }
}

function packed(tag: number, plain: Uint8Array): Uint8Array {
  const out = [tag]
  let at = 0
  while (at < plain.length) {
    const run = runAt(plain, at)
    if (run >= 3) {
      out.push(257 - run, plain[at] ?? 0)
      at += run
      continue
    }
    let end = at
    while (end < plain.length && end - at < countMax && runAt(plain, end) < 3) end += 1
    out.push(end - at - 1, ...plain.subarray(at, end))
    at = end
  }
  return Uint8Array.from(out)
}

function runAt(plain: Uint8Array, at: number): number {
  let end = at + 1
  while (end < plain.length && end - at < countMax && plain[end] === plain[at]) end += 1
  return end - at
}

/** The bytes of a packed block, whose tag must be `tag`; throws `StorageFault('corrupt')`. */
function unpacked(tag: number, bytes: Uint8Array, plainBytesMax: number): Uint8Array {
  if (bytes[0] !== tag) throw new StorageFault('corrupt', `a block of another codec than ${tag}`)
  const out: number[] = []
  let at = 1
  while (at < bytes.length && out.length <= plainBytesMax) {
    const head = bytes[at] ?? 0
    if (head < countMax) {
      out.push(...bytes.subarray(at + 1, at + 2 + head))
      at += 2 + head
    } else {
      for (let left = 257 - head; left > 0; left--) out.push(bytes[at + 1] ?? 0)
      at += 2
    }
  }
  if (out.length > plainBytesMax) throw new StorageFault('too-large', 'a block inflates too far')
  return Uint8Array.from(out)
}
