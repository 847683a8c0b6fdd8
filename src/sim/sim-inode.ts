/**
 * The bytes of one simulated file: what reads see, and what a power loss would leave.
 *
 * Invariants:
 * - `#pages` is what reads see; `#durablePages` is what surely survives;
 * - a page shared by both is never written to: a write replaces it;
 * - absent pages are zeros, so a preallocated file costs nothing.
 */
import { type Random } from '../base/random.ts'

const pageBytes = 4096
const sectorBytes = 512
const zeros = new Uint8Array(pageBytes)

/** A write that is not yet durable. */
export interface PendingWrite {
  readonly position: number
  readonly bytes: Uint8Array
}

/** One file, with or without a name. */
export class SimInode {
  readonly id: number
  #pages = new Map<number, Uint8Array>()
  readonly #durablePages = new Map<number, Uint8Array>()
  #size = 0
  #durableSize = 0
  #pending: PendingWrite[] = []

  constructor(id: number) {
    this.id = id
  }

  /** Size as a running process sees it. */
  get size(): number {
    return this.#size
  }

  /** Bytes as a running process sees them. */
  read(position: number, length: number): Uint8Array {
    return copyOut(this.#pages, position, Math.max(0, Math.min(length, this.#size - position)))
  }

  /** Takes bytes into the page cache; they survive only after `settle`. */
  write(position: number, slices: readonly Uint8Array[]): PendingWrite {
    const bytes = joined(slices)
    copyIn(this.#pages, this.#durablePages, position, bytes)
    this.#size = Math.max(this.#size, position + bytes.length)
    const pending = { position, bytes }
    this.#pending.push(pending)
    return pending
  }

  /** Grows the file to `length` bytes of zeros. */
  grow(length: number): void {
    this.#size = Math.max(this.#size, length)
  }

  /** What a sync that starts now will make durable. */
  snapshot(): { readonly writes: readonly PendingWrite[]; readonly size: number } {
    return { writes: this.#pending.slice(), size: this.#size }
  }

  /** Makes writes durable, and the size at least `size`. */
  settle(writes: readonly PendingWrite[], size: number): void {
    const done = new Set(writes)
    for (const write of this.#pending) if (done.has(write)) this.#harden(write)
    this.#pending = this.#pending.filter((write) => !done.has(write))
    this.#durableSize = Math.max(this.#durableSize, Math.min(size, this.#size))
  }

  /**
   * A failed sync: the kernel marks the pages clean though they never reached the disk. Reads go on
   * showing them, later syncs do not write them, a power loss takes them.
   */
  forget(writes: readonly PendingWrite[]): void {
    const lost = new Set(writes)
    this.#pending = this.#pending.filter((write) => !lost.has(write))
  }

  /** Power loss: of what was not durable, whole writes, parts of 512-byte sectors, or nothing survive. */
  crash(random: Random): void {
    const style = random.below(4)
    for (const { position, bytes } of this.#pending) {
      if (style === 0) break
      // The kernel writes pages as they are now: an old write never takes a later one's place.
      const write = { position, bytes: copyOut(this.#pages, position, bytes.length) }
      if (style === 1) this.#harden(write)
      else if (style === 2 && random.chance(0.5)) this.#harden(write)
      else this.#tear(write, random)
    }
    if (style !== 0 && this.#size > this.#durableSize && random.chance(0.5))
      this.#durableSize += random.below(this.#size - this.#durableSize + 1)
    this.#pending = []
    this.#size = this.#durableSize
    this.#pages = new Map(this.#durablePages)
  }

  /** Flips one bit for good. */
  flipBit(position: number, bit: number): void {
    for (const pages of [this.#pages, this.#durablePages]) {
      const page = (pages.get(Math.floor(position / pageBytes)) ?? zeros).slice()
      const at = position % pageBytes
      page[at] = (page[at] ?? 0) ^ (1 << bit)
      pages.set(Math.floor(position / pageBytes), page)
    }
  }

  #harden(write: PendingWrite): void {
    copyIn(this.#durablePages, this.#pages, write.position, write.bytes)
    this.#durableSize = Math.max(this.#durableSize, write.position + write.bytes.length)
  }

  #tear(write: PendingWrite, random: Random): void {
    const keepsPrefix = random.chance(0.5)
    const cutAt = random.below(write.bytes.length + 1)
    let at = 0
    while (at < write.bytes.length) {
      const sectorEnd = sectorBytes - ((write.position + at) % sectorBytes) + at
      const end = Math.min(sectorEnd, write.bytes.length)
      if (keepsPrefix ? end <= cutAt : random.chance(0.5))
        this.#harden({ position: write.position + at, bytes: write.bytes.subarray(at, end) })
      at = end
    }
  }
}

function joined(slices: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(slices.reduce((sum, slice) => sum + slice.length, 0))
  let at = 0
  for (const slice of slices) {
    bytes.set(slice, at)
    at += slice.length
  }
  return bytes
}

function copyOut(
  pages: ReadonlyMap<number, Uint8Array>,
  position: number,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  while (at < length) {
    const inPage = (position + at) % pageBytes
    const count = Math.min(pageBytes - inPage, length - at)
    const page = pages.get(Math.floor((position + at) / pageBytes))
    if (page !== undefined) bytes.set(page.subarray(inPage, inPage + count), at)
    at += count
  }
  return bytes
}

function copyIn(
  pages: Map<number, Uint8Array>,
  other: ReadonlyMap<number, Uint8Array>,
  position: number,
  bytes: Uint8Array,
): void {
  let at = 0
  while (at < bytes.length) {
    const index = Math.floor((position + at) / pageBytes)
    const inPage = (position + at) % pageBytes
    const count = Math.min(pageBytes - inPage, bytes.length - at)
    let page = pages.get(index)
    if (page === undefined || page === other.get(index)) {
      page = (page ?? zeros).slice()
      pages.set(index, page)
    }
    page.set(bytes.subarray(at, at + count), inPage)
    at += count
  }
}
