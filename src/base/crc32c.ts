/**
 * CRC32C (Castagnoli), the checksum of record batches, rows and journal groups. The slicing-by-8
 * tables below run at about 1 GB/s anywhere; a host may install a native function, which is used
 * from 256 bytes on (a native call costs about half a microsecond). Both give the same values, so
 * installing one changes speed and nothing else.
 */
type NativeCrc32c = (bytes: Uint8Array, seed?: number) => number

const nativeBytesMin = 256
const tables = buildTables()
let native: NativeCrc32c | undefined

function buildTables(): readonly Int32Array[] {
  const first = new Int32Array(256)
  for (let index = 0; index < 256; index++) {
    let value = index
    for (let bit = 0; bit < 8; bit++)
      value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    first[index] = value
  }
  const all = [first]
  for (let slice = 1; slice < 8; slice++) {
    const before = all[slice - 1] ?? first
    const table = new Int32Array(256)
    for (let index = 0; index < 256; index++) {
      const value = before[index] ?? 0
      table[index] = (value >>> 8) ^ (first[value & 255] ?? 0)
    }
    all.push(table)
  }
  return all
}

const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as readonly [
  Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array,
] // prettier-ignore

/** Lets the host put a faster function of the same values behind `crc32c`. */
export function installNativeCrc32c(implementation: NativeCrc32c): void {
  native = implementation
}

/** CRC32C of `bytes`, as an unsigned 32-bit number; `seed` continues an earlier checksum. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  if (native !== undefined && bytes.length >= nativeBytesMin) return native(bytes, seed) >>> 0
  return portableCrc32c(bytes, seed)
}

/** The table implementation by itself, for the test that compares it with the native one. */
export function portableCrc32c(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed
  let at = 0
  const wordsEnd = bytes.length - (bytes.length % 8)
  const byte = (index: number): number => bytes[index] ?? 0
  const cell = (table: Int32Array, index: number): number => table[index & 255] ?? 0
  for (; at < wordsEnd; at += 8) {
    crc ^= byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24)
    crc =
      cell(t7, crc) ^ cell(t6, crc >>> 8) ^ cell(t5, crc >>> 16) ^ cell(t4, crc >>> 24) ^
      cell(t3, byte(at + 4)) ^ cell(t2, byte(at + 5)) ^ cell(t1, byte(at + 6)) ^ cell(t0, byte(at + 7)) // prettier-ignore
  }
  for (; at < bytes.length; at++) crc = cell(t0, crc ^ byte(at)) ^ (crc >>> 8)
  return ~crc >>> 0
}
