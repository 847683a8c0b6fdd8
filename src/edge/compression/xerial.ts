/**
 * Snappy as Kafka's clients frame it: the xerial stream (16 bytes of header, then length-prefixed
 * raw blocks), and raw blocks without a frame, which some clients send. The length that a raw block
 * claims is checked before anything is inflated.
 */
const magic = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00] as const // 0x82 "SNAPPY" 0
const headerBytes = 16
const version = 1
/** Plain bytes of one block, as snappy-java cuts them. */
export const xerialBlockBytes = 32_768

/** Whether the bytes begin with the xerial header. */
export function isXerial(packed: Uint8Array): boolean {
  return packed.length >= headerBytes && magic.every((byte, at) => packed[at] === byte)
}

/** A xerial stream of raw blocks. */
export function joinXerial(blocks: readonly Uint8Array[]): Uint8Array {
  const length = blocks.reduce((sum, block) => sum + 4 + block.length, headerBytes)
  const whole = new Uint8Array(length)
  const view = new DataView(whole.buffer)
  whole.set(magic, 0)
  view.setInt32(8, version)
  view.setInt32(12, version)
  let at = headerBytes
  for (const block of blocks) {
    view.setInt32(at, block.length)
    whole.set(block, at + 4)
    at += 4 + block.length
  }
  return whole
}

/** The raw blocks of a xerial stream, or undefined when it is cut. */
export function splitXerial(packed: Uint8Array): readonly Uint8Array[] | undefined {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const blocks: Uint8Array[] = []
  for (let at = headerBytes; at < packed.length;) {
    if (at + 4 > packed.length) return undefined
    const length = view.getInt32(at)
    if (length < 0 || at + 4 + length > packed.length) return undefined
    blocks.push(packed.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return blocks
}

/** How many bytes a raw block claims to inflate to, or undefined when it does not say. */
export function rawSnappyLength(block: Uint8Array): number | undefined {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) return undefined
    length += (byte & 127) * 2 ** (7 * index)
    if (byte < 128) return length
  }
  return undefined
}
