/**
 * The newest batches of logs in memory. A log's tail is a gapless list of entries, one an append,
 * from some offset up to the end of the log: what is not yet on disk is always there, what is on
 * disk stays as long as the cache has room, so that followers and consumers at the tail never read
 * from disk.
 *
 * Small appends are copied out of the frame they came in (a view would keep a frame of 1 MiB alive)
 * into chunks of their log. A chunk that a reader was given is never used again: it is left to the
 * garbage collector.
 */
import { type Offset } from '../../base/id.ts'
import { type LogQuery, type LogRead } from './partition-log.ts'
import { cutRun, indexOfBatch, type Cut, type CutBound, type Run } from './run.ts'

const chunkBytesMin = 4 * 1024
const chunkBytesMax = 32 * 1024
const freeChunksMax = 256
/** A view is kept when it is at least this share of its buffer; else it is copied. */
export const viewShareMin = 1 / 8

const nothing = new Uint8Array(0)

interface Chunk {
  readonly bytes: Uint8Array
  entryCount: number
  /** A reader or a write may still look at it. */
  isShared: boolean
}

/** One append in memory. */
export interface TailEntry {
  readonly tail: LogTail
  run: Run
  bytes: Uint8Array
  chunk: Chunk | undefined
  /** Cut off or let go. */
  isGone: boolean
  /** Memory that the cache counts for it, shared with its neighbours. */
  cached: ArrayBufferLike | undefined
}

/** Chunks that can be used again. */
export class ChunkPool {
  readonly #free: Uint8Array[] = []

  take(bytes: number): Uint8Array {
    const free = bytes === chunkBytesMax ? this.#free.pop() : undefined
    return free ?? new Uint8Array(bytes)
  }

  giveBack(chunk: Chunk): void {
    if (chunk.isShared || chunk.bytes.length !== chunkBytesMax) return
    if (this.#free.length < freeChunksMax) this.#free.push(chunk.bytes)
  }
}

/** The tail of one log. */
export class LogTail {
  readonly #pool: ChunkPool
  #entries: TailEntry[] = []
  #headAt = 0
  #chunk: Chunk | undefined
  #chunkUsed = 0
  /** Size of the next chunk: quiet logs take little. */
  #chunkBytes = chunkBytesMin

  constructor(pool: ChunkPool) {
    this.#pool = pool
  }

  /** The offset from which on memory has everything; undefined when it has nothing. */
  firstOffset(): Offset | undefined {
    return this.#entries[this.#headAt]?.run.first
  }

  /** Adds an append at the end. */
  push(run: Run, bytes: Uint8Array): TailEntry {
    const entry: TailEntry = {
      tail: this,
      run,
      bytes,
      chunk: undefined,
      isGone: false,
      cached: undefined,
    }
    this.#entries.push(entry)
    return entry
  }

  /** Copies an entry out of the frame it came in. */
  detach(entry: TailEntry): void {
    if (entry.isGone || entry.chunk !== undefined) return
    const { bytes } = entry
    if (bytes.length > chunkBytesMax) {
      if (bytes.length < bytes.buffer.byteLength * viewShareMin) entry.bytes = new Uint8Array(bytes)
      return
    }
    const chunk = this.#roomFor(bytes.length)
    const at = this.#chunkUsed
    chunk.bytes.set(bytes, at)
    chunk.entryCount += 1
    this.#chunkUsed += bytes.length
    entry.bytes = chunk.bytes.subarray(at, at + bytes.length)
    entry.chunk = chunk
  }

  /** Batches from memory; undefined when `from` is below what memory has. */
  read(query: LogQuery, upTo: Offset): LogRead | undefined {
    let index = this.#indexOf(query.from)
    if (index < 0) return undefined
    const slices: Uint8Array[] = []
    let bytes = 0
    let next = query.from
    for (; index < this.#entries.length; index++) {
      const entry = this.#entries[index]
      if (entry === undefined) break
      const bound = { upTo, bytesMax: query.bytesMax - bytes, atLeastOne: bytes === 0 }
      const cut = cutOf(entry, next, bound)
      if (cut === undefined) break
      if (entry.chunk !== undefined) entry.chunk.isShared = true
      bytes += cut.slice.length
      joinOrPush(slices, cut.slice)
      next = cut.next
      if (next < entry.run.next) break
    }
    return { slices, nextOffset: next, bytes }
  }

  /** The entry that holds `offset`, if memory has it. */
  find(offset: Offset): TailEntry | undefined {
    return this.#entries[this.#indexOf(offset)]
  }

  /** Drops what is at or after `end`, which is the start of a batch; the entry over it is replaced by `shortened`. */
  cutTo(end: Offset, shorten: (entry: TailEntry) => void): void {
    let last = this.#entries.length - 1
    for (; last >= this.#headAt; last--) {
      const entry = this.#entries[last]
      if (entry === undefined || entry.run.next <= end) break
      if (entry.chunk !== undefined) entry.chunk.isShared = true
      if (entry.run.first < end) {
        shorten(entry)
        break
      }
      entry.isGone = true
      entry.bytes = nothing
      this.#entries.pop()
    }
    if (this.#headAt >= this.#entries.length) this.#reset()
  }

  /** Drops everything: what comes next is not behind it. */
  clear(): void {
    for (const entry of this.#entries) entry.isGone = true
    this.#reset()
  }

  /** The batches of an entry that end at or before `end`. */
  before(entry: TailEntry, end: Offset): Uint8Array {
    return entry.bytes.subarray(0, indexOfBatch(entry.bytes, end))
  }

  /** Lets the oldest entry go, and its bytes at once: the lists that still name it are swept now and then only. */
  dropFront(entry: TailEntry): void {
    if (this.#entries[this.#headAt] !== entry) return
    this.#headAt += 1
    entry.isGone = true
    entry.bytes = nothing
    const { chunk } = entry
    if (chunk !== undefined) {
      chunk.entryCount -= 1
      if (chunk.entryCount === 0 && chunk !== this.#chunk) this.#pool.giveBack(chunk)
    }
    if (this.#headAt >= this.#entries.length) this.#reset()
    else if (this.#headAt > 64 && this.#headAt * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#headAt)
      this.#headAt = 0
    }
  }

  #reset(): void {
    const chunk = this.#chunk
    if (chunk?.entryCount === 0) this.#pool.giveBack(chunk)
    this.#entries = []
    this.#headAt = 0
    this.#chunk = undefined
    this.#chunkUsed = 0
  }

  /** The present chunk when it has room, else a new one, twice as large as the one before. */
  #roomFor(bytes: number): Chunk {
    if (this.#chunk !== undefined && this.#chunkUsed + bytes <= this.#chunk.bytes.length)
      return this.#chunk
    let size = this.#chunkBytes
    while (size < bytes) size *= 2
    this.#chunkBytes = Math.min(size * 2, chunkBytesMax)
    this.#chunk = { bytes: this.#pool.take(size), entryCount: 0, isShared: false }
    this.#chunkUsed = 0
    return this.#chunk
  }

  #indexOf(offset: Offset): number {
    let low = this.#headAt
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle]?.run.next ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    const found = this.#entries[low]
    return found !== undefined && found.run.first <= offset ? low : -1
  }
}

/**
 * Entries whose place on disk is known, oldest first, bounded in the memory that they keep alive:
 * views of one frame count as the frame, once.
 */
export class TailCache {
  readonly #bytesMax: number
  readonly #buffers = new Map<ArrayBufferLike, number>()
  #entries: TailEntry[] = []
  #headAt = 0
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The entry may be let go from now on. */
  add(entry: TailEntry): void {
    if (entry.isGone) return
    const { buffer } = entry.bytes
    const count = this.#buffers.get(buffer) ?? 0
    if (count === 0) this.#bytes += buffer.byteLength
    this.#buffers.set(buffer, count + 1)
    entry.cached = buffer
    this.#entries.push(entry)
    while (this.#bytes > this.#bytesMax && this.#headAt < this.#entries.length) this.#evict()
  }

  #evict(): void {
    const entry = this.#entries[this.#headAt]
    this.#headAt += 1
    if (entry?.cached !== undefined) {
      const count = (this.#buffers.get(entry.cached) ?? 1) - 1
      if (count > 0) this.#buffers.set(entry.cached, count)
      else {
        this.#buffers.delete(entry.cached)
        this.#bytes -= entry.cached.byteLength
      }
      entry.cached = undefined
      entry.tail.dropFront(entry)
    }
    if (this.#headAt > 1024 && this.#headAt * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#headAt)
      this.#headAt = 0
    }
  }
}

/** What of an entry is within the bounds, without a look at its batches when all of it is. */
function cutOf(entry: TailEntry, from: Offset, bound: CutBound): Cut | undefined {
  const { bytes, run } = entry
  const isWhole = from <= run.first && run.next <= bound.upTo && bytes.length <= bound.bytesMax
  return isWhole ? { slice: bytes, next: run.next } : cutRun(bytes, from, bound)
}

/** Neighbours in one buffer become one slice. */
function joinOrPush(slices: Uint8Array[], slice: Uint8Array): void {
  const last = slices.at(-1)
  if (
    last !== undefined &&
    last.buffer === slice.buffer &&
    last.byteOffset + last.length === slice.byteOffset
  )
    slices[slices.length - 1] = new Uint8Array(
      slice.buffer,
      last.byteOffset,
      last.length + slice.length,
    )
  else slices.push(slice)
}
