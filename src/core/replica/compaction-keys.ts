/**
 * The newest offset of each key in a stretch of a log, in bounded memory: a hash table over typed
 * arrays, a few bytes a key besides the key itself. The keys are kept and compared byte by byte, so
 * two keys with one hash are still two keys: a collision costs time, never a record. When no other
 * key has room, `put` says so, and the stretch ends there; the next compaction goes on behind it.
 *
 * Invariants: at most half of the slots are used; `bytes()` never exceeds the bound, also while an
 * array grows.
 */
import { type Offset } from '../../base/id.ts'

const firstKeyCount = 1024
const firstKeysBytes = 16 * 1024
/** Slots 2 × 4, offset 8, hash 4, end of the key 4. */
const entryBytes = 24

/** The newest offset of each key. */
export class KeyOffsets {
  readonly #bytesMax: number
  readonly #seed: number
  /** Index of an entry + 1; 0: free. */
  #slots: Int32Array
  #hashes: Int32Array
  #offsets: Float64Array
  #keyEnds: Uint32Array
  #keys: Uint8Array
  #count = 0

  /** `seed`: any number that producers do not know, so that they cannot choose keys of one hash. */
  constructor(options: { readonly bytesMax: number; readonly seed: number }) {
    this.#bytesMax = options.bytesMax
    this.#seed = options.seed | 0
    this.#slots = new Int32Array(firstKeyCount * 2)
    this.#hashes = new Int32Array(firstKeyCount)
    this.#offsets = new Float64Array(firstKeyCount)
    this.#keyEnds = new Uint32Array(firstKeyCount)
    this.#keys = new Uint8Array(firstKeysBytes)
  }

  /** How many keys it holds. */
  count(): number {
    return this.#count
  }

  /** Memory that it takes. */
  bytes(): number {
    return this.#hashes.length * entryBytes + this.#keys.length
  }

  /** Notes that the key at `at` is at `offset`, which is greater than all noted before; false when there is no room. */
  put(bytes: Uint8Array, at: number, length: number, offset: Offset): boolean {
    const hash = this.#hashOf(bytes, at, length)
    let slot = this.#slotOf(hash, bytes, at, length)
    const found = this.#slots[slot] ?? 0
    if (found > 0) {
      this.#offsets[found - 1] = offset
      return true
    }
    const keysBefore = this.#keyEnds[this.#count - 1] ?? 0
    if (!this.#hasRoomForKey(keysBefore + length)) return false
    if (this.#count === this.#hashes.length) {
      if (!this.#growEntries()) return false
      slot = this.#slotOf(hash, bytes, at, length)
    }
    const entry = this.#count++
    this.#slots[slot] = entry + 1
    this.#hashes[entry] = hash
    this.#offsets[entry] = offset
    const keys = this.#keys
    for (let index = 0; index < length; index++) keys[keysBefore + index] = bytes[at + index] ?? 0
    this.#keyEnds[entry] = keysBefore + length
    return true
  }

  /** The newest offset of the key at `at`; -1 for a key that was not noted. */
  find(bytes: Uint8Array, at: number, length: number): number {
    const entry = this.#slots[this.#slotOf(this.#hashOf(bytes, at, length), bytes, at, length)] ?? 0
    return entry === 0 ? -1 : (this.#offsets[entry - 1] ?? -1)
  }

  /** The slot that has the key, or the free one where it goes. */
  #slotOf(hash: number, bytes: Uint8Array, at: number, length: number): number {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (;;) {
      const entry = (this.#slots[slot] ?? 0) - 1
      if (entry < 0) return slot
      if (this.#hashes[entry] === hash && this.#isKey(entry, bytes, at, length)) return slot
      slot = (slot + 1) & mask
    }
  }

  #isKey(entry: number, bytes: Uint8Array, at: number, length: number): boolean {
    const from = entry === 0 ? 0 : (this.#keyEnds[entry - 1] ?? 0)
    if ((this.#keyEnds[entry] ?? 0) - from !== length) return false
    const keys = this.#keys
    for (let index = 0; index < length; index++)
      if (keys[from + index] !== bytes[at + index]) return false
    return true
  }

  #hashOf(bytes: Uint8Array, at: number, length: number): number {
    let hash = this.#seed ^ length
    for (let index = at; index < at + length; index++)
      hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
    return hash ^ (hash >>> 15)
  }

  #hasRoomForKey(end: number): boolean {
    if (end <= this.#keys.length) return true
    let length = this.#keys.length * 2
    while (length < end) length *= 2
    if (this.bytes() + length > this.#bytesMax) return false
    const keys = new Uint8Array(length)
    keys.set(this.#keys)
    this.#keys = keys
    return true
  }

  #growEntries(): boolean {
    const count = this.#hashes.length * 2
    if (this.bytes() + count * entryBytes > this.#bytesMax) return false
    const hashes = new Int32Array(count)
    const offsets = new Float64Array(count)
    const keyEnds = new Uint32Array(count)
    hashes.set(this.#hashes)
    offsets.set(this.#offsets)
    keyEnds.set(this.#keyEnds)
    this.#hashes = hashes
    this.#offsets = offsets
    this.#keyEnds = keyEnds
    const slots = new Int32Array(count * 2)
    const mask = slots.length - 1
    for (let entry = 0; entry < this.#count; entry++) {
      let slot = (hashes[entry] ?? 0) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = entry + 1
    }
    this.#slots = slots
    return true
  }
}
