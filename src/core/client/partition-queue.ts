/**
 * What a producer holds for one partition: the batch being written, sealed batches in order, and
 * the run that is in flight. At most one run is in flight, so a retry can duplicate but not reorder.
 *
 *   append ─▶ open ─seal─▶ sealed … ─take─▶ in flight ─settle─▶ (memory given back)
 *                            ▲────────────restore──┘ (retry: back to the front)
 *
 * Invariants: batches leave in the order they were opened; a run is contiguous in one chunk; an
 * empty queue holds no memory.
 */
import { assert, present } from '../../base/assert.ts'
import { type NodeId, type PartitionIndex } from '../../base/id.ts'
import { BatchWriter, type RecordHeader } from '../record/batch-writer.ts'
import { readRecords } from '../record/batch-reader.ts'
import { batchHeaderBytes } from '../record/batch-header.ts'
import { chunkBytesMax, chunkBytesMin, type Chunk, type ChunkPool } from './chunk-pool.ts'

/** A batch of one partition. `T` is what the caller wants back when a record's fate is known. */
export interface PendingBatch<T> {
  readonly writer: BatchWriter
  readonly chunk: Chunk
  /** When its first record was appended, on the monotonic clock. */
  readonly createdAtMs: number
  /** By record; holes for records that nobody waits for. Absent when there are none at all. */
  tokens: (T | undefined)[] | undefined
  /** An earlier try ended without an answer. */
  mayHaveHappened: boolean
}

/** A record to append: bytes are copied before the call returns. */
export interface RecordInput {
  readonly key: Uint8Array | undefined
  readonly value: Uint8Array | undefined
  readonly headers: readonly RecordHeader[]
  readonly timestampMs: number
}

/** Consecutive batches of one partition and their bytes. */
export interface Run<T> {
  readonly queue: PartitionQueue<T>
  readonly batches: readonly PendingBatch<T>[]
  readonly bytes: Uint8Array
}

const shrunkBatchBytesMin = 512

/** The queue of one partition. */
export class PartitionQueue<T> {
  readonly topic: string
  readonly partition: PartitionIndex
  /** Who leads, as far as known. */
  leader: NodeId | undefined
  /** Not to be sent before, after a failed try. */
  retryAtMs = 0
  /** How many tries failed in a row. */
  failureCount = 0
  readonly #pool: ChunkPool
  #batchBytesMax: number
  /** Runs of one batch only: the broker found a run too large. */
  #sendsSingly = false
  #chunk: Chunk | undefined
  #nextChunkBytes = chunkBytesMin
  #open: PendingBatch<T> | undefined
  readonly #sealed: PendingBatch<T>[] = []
  #sealedBytes = 0
  #inFlight: readonly PendingBatch<T>[] | undefined

  constructor(
    place: { readonly topic: string; readonly partition: PartitionIndex },
    pool: ChunkPool,
    batchBytesMax: number,
  ) {
    this.topic = place.topic
    this.partition = place.partition
    this.#pool = pool
    this.#batchBytesMax = batchBytesMax
  }

  /** Bytes of sealed batches that wait to be sent. */
  get sealedBytes(): number {
    return this.#sealedBytes
  }

  /** Whether a run is in flight. */
  get isInFlight(): boolean {
    return this.#inFlight !== undefined
  }

  /** The batch being written, if there is one. */
  get open(): PendingBatch<T> | undefined {
    return this.#open
  }

  /** Whether anything waits to be sent. */
  get hasWaiting(): boolean {
    return this.#open !== undefined || this.#sealed.length > 0
  }

  /** When the oldest waiting record was appended; undefined when none waits. */
  get oldestAtMs(): number | undefined {
    return (this.#sealed[0] ?? this.#open)?.createdAtMs
  }

  /**
   * Appends a record of at most `bytesMax` encoded bytes; false when there is no memory, and then
   * nothing changed but that the full batch was sealed.
   */
  append(
    record: RecordInput,
    bytesMax: number,
    nowMs: () => number,
    token: T | undefined,
  ): boolean {
    const batch = this.#batchFor(bytesMax, nowMs)
    if (batch === undefined) return false
    const index = batch.writer.append(record.key, record.value, record.timestampMs, record.headers)
    if (token !== undefined) {
      const tokens = (batch.tokens ??= [])
      while (tokens.length < index) tokens.push(undefined)
      tokens.push(token)
    }
    return true
  }

  /** The batch being written is complete: no record is added to it. */
  seal(): void {
    const batch = this.#open
    if (batch === undefined) return
    const length = batch.writer.seal()
    batch.chunk.position = batch.writer.start + length
    this.#sealed.push(batch)
    this.#sealedBytes += length
    this.#open = undefined
  }

  /**
   * The next run to send, of at most `bytesMax` (`takesOne`: at least one batch), marked in flight;
   * undefined when there is none. `sealsOpen`: the batch being written goes too.
   */
  take(
    bytesMax: number,
    how: { readonly sealsOpen: boolean; readonly takesOne: boolean },
  ): Run<T> | undefined {
    assert(this.#inFlight === undefined, 'a second run was taken while one is in flight')
    // Nothing is cut short that would not leave with this run anyway.
    const openBytes = this.#open?.writer.length ?? 0
    if (how.sealsOpen && (this.#sealed.length === 0 || this.#sealedBytes + openBytes <= bytesMax)) {
      this.seal()
    }
    const first = this.#sealed[0]
    if (first === undefined) return undefined
    let length = first.writer.length
    if (length > bytesMax && !how.takesOne) return undefined
    let count = 1
    for (; count < this.#sealed.length; count++) {
      const next = present(this.#sealed[count], 'a sealed batch')
      const joins = next.chunk === first.chunk && next.writer.start === first.writer.start + length
      if (this.#sendsSingly || !joins || length + next.writer.length > bytesMax) break
      length += next.writer.length
    }
    const batches = this.#sealed.splice(0, count)
    this.#sealedBytes -= length
    this.#inFlight = batches
    const from = first.writer.start
    return { queue: this, batches, bytes: first.chunk.bytes.subarray(from, from + length) }
  }

  /** The run in flight goes back to the front, to be sent again. */
  restore(run: Run<T>): void {
    assert(this.#inFlight === run.batches, 'a run was restored that is not in flight')
    this.#inFlight = undefined
    this.#sealed.unshift(...run.batches)
    this.#sealedBytes += run.bytes.length
  }

  /** The run in flight has its answer: its memory is given back. */
  settle(run: Run<T>): void {
    assert(this.#inFlight === run.batches, 'a run was settled that is not in flight')
    this.#inFlight = undefined
    for (const batch of run.batches) this.#release(batch)
    this.#releaseWhenEmpty()
  }

  /**
   * The broker found the run in flight too large: it goes back as single batches, or a single batch
   * as two halves, and later batches are kept as small. False when it is one record: nothing changed.
   */
  shrink(run: Run<T>): readonly PendingBatch<T>[] | undefined {
    const [batch] = run.batches
    if (batch === undefined || (run.batches.length === 1 && batch.writer.recordCount < 2))
      return undefined
    this.#sendsSingly = true
    this.restore(run)
    if (run.batches.length > 1) return []
    this.#batchBytesMax = Math.max(shrunkBatchBytesMin, Math.ceil(batch.writer.length / 2))
    const halves = halvesOf(batch, this.#pool)
    this.#sealed.splice(0, 1, ...halves)
    this.#sealedBytes -= batch.writer.length
    for (const half of halves) this.#sealedBytes += half.writer.length
    this.#release(batch)
    return halves
  }

  /** Takes out every waiting batch that was opened at or before `createdAtMs`. */
  removeOlder(createdAtMs: number): readonly PendingBatch<T>[] {
    if ((this.oldestAtMs ?? Infinity) > createdAtMs) return []
    if ((this.#open?.createdAtMs ?? Infinity) <= createdAtMs) this.seal()
    const kept = this.#sealed.findIndex((batch) => batch.createdAtMs > createdAtMs)
    const removed = this.#sealed.splice(0, kept === -1 ? this.#sealed.length : kept)
    for (const batch of removed) {
      this.#sealedBytes -= batch.writer.length
      this.#release(batch)
    }
    this.#releaseWhenEmpty()
    return removed
  }

  #batchFor(bytesMax: number, nowMs: () => number): PendingBatch<T> | undefined {
    if (this.#open !== undefined) {
      if (this.#open.writer.fits(bytesMax)) return this.#open
      this.seal()
    }
    const needed = batchHeaderBytes + bytesMax
    const chunk = this.#chunkFor(needed)
    if (chunk === undefined) return undefined
    const end = Math.min(chunk.position + Math.max(needed, this.#batchBytesMax), chunk.bytes.length)
    chunk.batchCount += 1
    this.#open = {
      writer: new BatchWriter(chunk.bytes, chunk.position, end),
      chunk,
      createdAtMs: nowMs(),
      tokens: undefined,
      mayHaveHappened: false,
    }
    return this.#open
  }

  /** The present chunk if it has decent room, else the next one, larger as long as chunks fill up. */
  #chunkFor(needed: number): Chunk | undefined {
    const chunk = this.#chunk
    if (chunk !== undefined) {
      const decent = Math.min(chunk.bytes.length / 8, this.#batchBytesMax / 4)
      if (chunk.bytes.length - chunk.position >= Math.max(needed, decent)) return chunk
      this.#nextChunkBytes = Math.min(chunkBytesMax, this.#nextChunkBytes * 2)
    }
    const next = this.#pool.take(Math.max(needed, this.#nextChunkBytes)) ?? this.#pool.take(needed)
    if (next === undefined) return undefined
    if (chunk !== undefined) this.#retire(chunk)
    this.#chunk = next
    return next
  }

  #retire(chunk: Chunk): void {
    chunk.isRetired = true
    if (chunk.batchCount === 0) this.#pool.give(chunk)
  }

  #release(batch: PendingBatch<T>): void {
    batch.chunk.batchCount -= 1
    if (batch.chunk.isRetired && batch.chunk.batchCount === 0) this.#pool.give(batch.chunk)
  }

  #releaseWhenEmpty(): void {
    const chunk = this.#chunk
    if (chunk === undefined || this.#inFlight !== undefined || this.hasWaiting) return
    if (chunk.position < chunk.bytes.length / 4) {
      this.#nextChunkBytes = Math.max(chunkBytesMin, this.#nextChunkBytes / 2)
    }
    this.#chunk = undefined
    this.#retire(chunk)
  }
}

/** The records of a sealed batch in two batches of their own memory. */
function halvesOf<T>(batch: PendingBatch<T>, pool: ChunkPool): readonly PendingBatch<T>[] {
  const { bytes, start, recordCount, length } = batch.writer
  const records = readRecords(bytes, start)
  const middle = Math.ceil(recordCount / 2)
  return [0, middle].map((from) => {
    const to = from === 0 ? middle : recordCount
    const chunk = pool.adopt(new Uint8Array(length))
    const writer = new BatchWriter(chunk.bytes, 0, length)
    for (const record of records.slice(from, to)) {
      writer.append(record.key(), record.value(), record.timestampMs, record.headers())
    }
    writer.seal()
    chunk.batchCount = 1
    return { ...batch, writer, chunk, tokens: batch.tokens?.slice(from, to) }
  })
}
