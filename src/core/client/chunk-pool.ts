/**
 * Memory of a producer: chunks of a few sizes, in all at most `bufferBytesMax`. A chunk belongs to
 * one partition, is filled with batches from its start, and comes back when all of them are settled.
 *
 * Invariants: `usedBytes` is the sum of the chunks handed out; used and pooled bytes together never
 * exceed the bound, except for one oversize chunk when nothing else is in use; a tainted chunk (a
 * request that held it ended without an answer, so a transport may still read it) is never reused.
 */
import { assert } from '../../base/assert.ts'

/** A piece of memory that batches are written into. */
export interface Chunk {
  readonly bytes: Uint8Array
  /** Where the next batch starts. */
  position: number
  /** Batches in it that are not settled. */
  batchCount: number
  /** No batch will be added. */
  isRetired: boolean
  /** Somebody may still read it after its batches are settled. */
  isTainted: boolean
}

/** Largest chunk, and so the largest run of batches in one request entry. */
export const chunkBytesMax = 1_048_576
/** Smallest chunk: what a partition with little traffic holds while records are under way. */
export const chunkBytesMin = 16_384

/** Hands out chunks and takes them back. */
export class ChunkPool {
  readonly #bytesMax: number
  readonly #free = new Map<number, Uint8Array[]>()
  #usedBytes = 0
  #pooledBytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Bytes of all chunks handed out. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Whether a chunk of this many bytes can be had now. The first chunk always can, whatever its size. */
  hasRoom(bytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + sizeClass(bytes) <= this.#bytesMax
  }

  /** A chunk of at least `bytes`, or undefined when there is no room. */
  take(bytes: number): Chunk | undefined {
    if (!this.hasRoom(bytes)) return undefined
    const size = sizeClass(bytes)
    const pooled = this.#free.get(size)?.pop()
    if (pooled !== undefined) this.#pooledBytes -= size
    this.#usedBytes += size
    this.#shrinkPool()
    return {
      bytes: pooled ?? new Uint8Array(size),
      position: 0,
      batchCount: 0,
      isRetired: false,
      isTainted: false,
    }
  }

  /** A chunk for bytes that exist already, counted whether there is room or not; never reused. */
  adopt(bytes: Uint8Array): Chunk {
    this.#usedBytes += bytes.length
    return { bytes, position: bytes.length, batchCount: 0, isRetired: true, isTainted: true }
  }

  /** Takes back a chunk whose batches are all settled. */
  give(chunk: Chunk): void {
    assert(chunk.batchCount === 0, 'a chunk came back with unsettled batches')
    const size = chunk.bytes.length
    this.#usedBytes -= size
    assert(this.#usedBytes >= 0, 'a chunk came back twice')
    if (
      chunk.isTainted ||
      size > chunkBytesMax ||
      this.#usedBytes + this.#pooledBytes + size > this.#bytesMax
    )
      return
    const free = this.#free.get(size)
    if (free === undefined) this.#free.set(size, [chunk.bytes])
    else free.push(chunk.bytes)
    this.#pooledBytes += size
  }

  /** Chunks of one size must not keep the memory that another size needs. */
  #shrinkPool(): void {
    if (this.#usedBytes + this.#pooledBytes <= this.#bytesMax) return
    for (const [size, free] of this.#free) {
      while (free.length > 0 && this.#usedBytes + this.#pooledBytes > this.#bytesMax) {
        free.pop()
        this.#pooledBytes -= size
      }
    }
  }
}

/** Powers of two between the bounds; beyond the largest, exactly what is asked for. */
function sizeClass(bytes: number): number {
  if (bytes > chunkBytesMax) return bytes
  let size = chunkBytesMin
  while (size < bytes) size *= 2
  return size
}
