/**
 * Where a consumer is in one partition: what was fetched and not yet handed over, and from where to
 * fetch on. Pure bookkeeping; `engine/client/fetcher.ts` performs it.
 *
 * Invariants: `position` ≤ every buffered record not yet handed over ≤ `fetchOffset`; offsets only
 * go forward between seeks; an answer to a fetch from before a seek is never taken (`generation`).
 */
import { assert } from '../../base/assert.ts'
import { offset, type Offset, type PartitionIndex, type TopicId } from '../../base/id.ts'
import {
  baseOffset,
  compression,
  isControl,
  nextOffset,
  recordCount,
  verifyBatch,
  wholeBatchBytes,
} from '../record/batch-header.ts'
import { type CompressionName } from '../record/compression.ts'

/** A fetched, verified batch. */
export interface StoredBatch {
  readonly bytes: Uint8Array
  readonly at: number
  readonly length: number
  readonly baseOffset: Offset
  readonly nextOffset: Offset
  readonly compression: CompressionName
}

/** One assigned partition. */
export class PartitionReader {
  readonly topic: string
  readonly partition: PartitionIndex
  /** The life of the topic that the offsets belong to, once known. */
  topicId: TopicId | undefined
  isPaused = false
  isInFlight = false
  /** There is certainly more to fetch: the latest answer ended below the high watermark. */
  isBehind = true
  /** Not to be fetched before, after a failed try. */
  retryAtMs = 0
  /** Failed tries in a row. */
  failureCount = 0
  /** What was fetched last did not prove itself. */
  isSuspect = false
  /** When the first of them was. */
  failingSinceMs = 0
  /** Grows with each seek. */
  generation = 0
  /** As the latest answer said. */
  highWatermark: Offset | undefined
  #position: Offset | undefined
  #fetchOffset: Offset | undefined
  #stored: StoredBatch[] = []
  #head = 0
  #bufferedBytes = 0

  constructor(topic: string, partition: PartitionIndex) {
    this.topic = topic
    this.partition = partition
  }

  /** The next offset to hand over; undefined until the start is known. */
  get position(): Offset | undefined {
    return this.#position
  }

  /** The next offset to fetch; undefined until the start is known. */
  get fetchOffset(): Offset | undefined {
    return this.#fetchOffset
  }

  /** Bytes fetched and not handed over. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /** Goes on at an offset, or with undefined where the start has to be looked up; what is buffered is dropped. */
  seek(to: Offset | undefined): void {
    this.#position = to
    this.#fetchOffset = to
    this.#stored = []
    this.#head = 0
    this.#bufferedBytes = 0
    this.isBehind = true
    this.retryAtMs = 0
    this.generation += 1
  }

  /** Takes a run of whole batches that was fetched at `fetchOffset`; in words what is wrong with it, or undefined. */
  take(run: Uint8Array): string | undefined {
    for (let at = 0; at < run.length;) {
      const length = wholeBatchBytes(run, at)
      if (length === undefined) return at === 0 ? 'not a whole batch' : undefined
      const wrong = this.#takeOne(run, at, length)
      if (wrong !== undefined) return wrong
      at += length
    }
    return undefined
  }

  /** The batch that holds the next records to hand over; control batches, and those that compaction emptied, are passed over. */
  peek(): StoredBatch | undefined {
    for (;;) {
      const batch = this.#stored[this.#head]
      if (batch === undefined || this.#position === undefined) return undefined
      const isUseful = batch.nextOffset > this.#position && hasRecords(batch)
      if (isUseful) return batch
      this.advance(offset(Math.max(batch.nextOffset, this.#position)))
    }
  }

  /** The batches that hold the next records, those of about `offsetCountMax` offsets, at least one batch. */
  ahead(offsetCountMax: number): readonly StoredBatch[] {
    const first = this.peek()
    if (first === undefined) return []
    const end = (this.#position ?? 0) + offsetCountMax
    const batches = [first]
    for (let index = this.#head + 1; index < this.#stored.length; index++) {
      const batch = this.#stored[index]
      if (batch === undefined || batch.baseOffset >= end) break
      if (hasRecords(batch)) batches.push(batch)
    }
    return batches
  }

  /** How many offsets are buffered from the position on, control records included. */
  bufferedOffsets(): number {
    if (this.peek() === undefined) return 0
    return (this.#fetchOffset ?? 0) - (this.#position ?? 0)
  }

  /** Everything below `to` is handed over. */
  advance(to: Offset): void {
    assert(this.#position !== undefined && to >= this.#position, 'a position went back')
    this.#position = to
    for (;;) {
      const batch = this.#stored[this.#head]
      if (batch === undefined || batch.nextOffset > to) break
      this.#head += 1
      this.#bufferedBytes -= batch.length
    }
    if (this.#head === this.#stored.length) {
      this.#stored = []
      this.#head = 0
    } else if (this.#head > 64 && this.#head * 2 > this.#stored.length) {
      this.#stored.splice(0, this.#head)
      this.#head = 0
    }
  }

  #takeOne(run: Uint8Array, at: number, length: number): string | undefined {
    const wrong = verifyBatch(run, at)
    if (wrong !== undefined) return wrong
    const expected = this.#fetchOffset ?? 0
    const next = nextOffset(run, at)
    if (next <= expected) return undefined // before the fetch offset: a batch is sent whole
    const base = baseOffset(run, at)
    const last = this.#stored.at(-1)
    if (last !== undefined && base < last.nextOffset) {
      return `offset ${base} after offset ${last.nextOffset - 1}`
    }
    this.#stored.push({
      bytes: run,
      at,
      length,
      baseOffset: base,
      nextOffset: next,
      compression: compression(run, at),
    })
    this.#bufferedBytes += length
    this.#fetchOffset = next
    return undefined
  }
}

function hasRecords({ bytes, at }: StoredBatch): boolean {
  return !isControl(bytes, at) && recordCount(bytes, at) > 0
}
