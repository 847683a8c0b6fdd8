/**
 * How long an LZ4 frame becomes, without inflating it: its blocks' sequences are walked and their
 * literal and match lengths added up. The library inflates without a bound; this is the bound.
 * Source: the LZ4 frame and block format descriptions.
 */
const frameMagic = 0x184d2204

/** The plain length of the frame, `Infinity` once it exceeds `bytesMax`, or undefined when it is cut or no frame. */
export function lz4FrameLength(packed: Uint8Array, bytesMax: number): number | undefined {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  if (packed.length < 7 || view.getUint32(0, true) !== frameMagic) return undefined
  const flags = packed[4] ?? 0
  const hasBlockChecksum = (flags & 16) !== 0
  const headerBytes = 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0)
  let length = 0
  for (let at = headerBytes; ;) {
    if (at + 4 > packed.length) return undefined
    const size = view.getUint32(at, true)
    if (size === 0) return length
    const isPlain = size >= 0x80000000
    const blockBytes = isPlain ? size - 0x80000000 : size
    const end = at + 4 + blockBytes
    if (end > packed.length) return undefined
    const added = isPlain ? blockBytes : blockLength(packed, at + 4, end)
    if (added === undefined) return undefined
    length += added
    if (length > bytesMax) return Infinity
    at = end + (hasBlockChecksum ? 4 : 0)
  }
}

/** Sums up one compressed block: token, literals, 2 bytes of distance, match; the last sequence has no match. */
function blockLength(bytes: Uint8Array, from: number, end: number): number | undefined {
  let at = from
  let length = 0
  const extended = (nibble: number): number => {
    let value = nibble
    for (let byte = 255; nibble === 15 && byte === 255;) {
      byte = bytes[at++] ?? 0
      value += byte
      if (at > end) return Infinity
    }
    return value
  }
  while (at < end) {
    const token = bytes[at++] ?? 0
    const literals = extended(token >> 4)
    at += literals
    length += literals
    if (at === end) return length
    at += 2
    length += extended(token & 15) + 4
    if (at > end) return undefined
  }
  return at === end ? length : undefined
}
