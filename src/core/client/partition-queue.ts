/**
 * What a producer holds for one partition: the batch being written, sealed batches in order, and
 * the runs in flight. An idempotent producer has up to five, numbered when they are first taken, and
 * sends each again as it was; any other has one, so that a retry can duplicate but not reorder.
 *
 *   append ─▶ open ─seal─▶ sealed … ─take─▶ in flight ─settle─▶ (memory given back)
 *                                     ▲ retries ◀─restore──┘
 *
 * Invariants: batches leave in the order they were opened, retries first; a run is contiguous in one
 * chunk; runs are in flight to one broker at a time; an empty queue holds no memory.
 */
import { assert, present } from '../../base/assert.ts'
import { type NodeId, type PartitionIndex } from '../../base/id.ts'
import { BatchWriter, type RecordHeader } from '../record/batch-writer.ts'
import { readRecords } from '../record/batch-reader.ts'
import { batchHeaderBytes, type BatchHeader } from '../record/batch-header.ts'
import { chunkBytesMax, chunkBytesMin, type Chunk, type ChunkPool } from './chunk-pool.ts'
import { numberedAfter, type Numbered, type ProducerSequences } from './producer-sequences.ts'

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
  /** Its header is written. */
  isSealed: boolean
  /** Its place in the order of an idempotent producer, once it was taken. */
  numbered: Numbered | undefined
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
/** As many as brokers remember of a producer (KIP-98). */
const runsInFlightMax = 5

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
  readonly #sequences: ProducerSequences | undefined
  /** To be sent again as they are, in order; of idempotent producers only. */
  readonly #retries: Run<T>[] = []
  readonly #inFlight: Run<T>[] = []
  #inFlightTo: NodeId | undefined
  #mustStartAnew = false

  constructor(
    place: { readonly topic: string; readonly partition: PartitionIndex },
    pool: ChunkPool,
    how: {
      readonly batchBytesMax: number
      /** Of an idempotent producer. */
      readonly sequences: ProducerSequences | undefined
    },
  ) {
    this.topic = place.topic
    this.partition = place.partition
    this.#pool = pool
    this.#batchBytesMax = how.batchBytesMax
    this.#sequences = how.sequences
  }

  /** Bytes of sealed batches that wait to be sent, or sent again. */
  get sealedBytes(): number {
    return this.#sealedBytes
  }

  /** Whether there is something to send and it may be sent now. */
  get canSend(): boolean {
    if (!this.hasWaiting || this.#mustStartAnew) return false
    if (this.#inFlight.length === 0) return true
    // What is with the old leader comes home first, else later records could be there before.
    return (
      this.#sequences?.isKnown === true &&
      this.#inFlight.length < runsInFlightMax &&
      this.#inFlightTo === this.leader
    )
  }

  /** The batch being written, if there is one. */
  get open(): PendingBatch<T> | undefined {
    return this.#open
  }

  /** Whether anything waits to be sent. */
  get hasWaiting(): boolean {
    return this.#open !== undefined || this.#sealed.length + this.#retries.length > 0
  }

  /** When the oldest waiting record was appended; undefined when none waits. */
  get oldestAtMs(): number | undefined {
    return (this.#retries[0]?.batches[0] ?? this.#sealed[0] ?? this.#open)?.createdAtMs
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
    const { length } = batch.writer
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
    assert(this.canSend, 'a run was taken that may not be sent now')
    const [retry] = this.#retries
    if (retry === undefined) return this.#takeSealed(bytesMax, how)
    if (retry.bytes.length > bytesMax && !how.takesOne) return undefined
    this.#retries.shift()
    this.#sealedBytes -= retry.bytes.length
    return this.#send(retry)
  }

  #takeSealed(
    bytesMax: number,
    how: { readonly sealsOpen: boolean; readonly takesOne: boolean },
  ): Run<T> | undefined {
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
    for (const batch of batches) this.#finish(batch)
    return this.#send(this.#runOf(batches))
  }

  /** A run in flight is to be sent again, before anything that follows it. */
  restore(run: Run<T>): void {
    this.#comesHome(run)
    this.#sendAgain(run)
  }

  /** A run in flight is to be sent again, each batch by itself. */
  split(run: Run<T>): void {
    this.#comesHome(run)
    this.#sendAgainSingly(run)
  }

  /** A run in flight has its answer: its memory is given back. */
  settle(run: Run<T>): void {
    this.#comesHome(run)
    for (const batch of run.batches) this.#release(batch)
    this.#releaseWhenEmpty()
  }

  /** The broker has taken a run. */
  acknowledged(): void {
    this.#sequences?.acknowledged()
  }

  /** Whether no record before those of the run waits for its answer. */
  isNext(run: Run<T>): boolean {
    const position = positionOf(run)
    return ![...this.#inFlight, ...this.#retries].some((other) => positionOf(other) < position)
  }

  /** Records before those in the queue are not at the broker and never will be: when all runs are home, `startAnew` is due. */
  endEpoch(): void {
    this.#mustStartAnew = true
  }

  /** Whether `startAnew` is to be called now. */
  get isStartDue(): boolean {
    return this.#mustStartAnew && this.#inFlight.length === 0
  }

  /**
   * Numbers what waits to be sent again from 0 on, in the next epoch. Batches that may be at the
   * broker, or get there late, cannot be sent under other numbers: they are taken out and returned.
   */
  startAnew(): readonly PendingBatch<T>[] {
    assert(this.isStartDue, 'an epoch ended with runs in flight')
    this.#mustStartAnew = false
    this.#sequences?.startAnew()
    const batches = this.#retries.splice(0).flatMap((run) => run.batches)
    const lost = batches.filter((batch) => batch.mayHaveHappened)
    const kept = batches.filter((batch) => !batch.mayHaveHappened)
    for (const batch of kept) Object.assign(batch, { isSealed: false, numbered: undefined })
    this.#sealed.unshift(...kept)
    for (const batch of lost) {
      this.#sealedBytes -= batch.writer.length
      this.#release(batch)
    }
    this.#releaseWhenEmpty()
    return lost
  }

  /**
   * The broker found a run in flight too large: it goes back as single batches, or a single batch
   * as two halves, and later batches are kept as small. Undefined when it is one record: nothing changed.
   */
  shrink(run: Run<T>): readonly PendingBatch<T>[] | undefined {
    const [batch] = run.batches
    if (batch === undefined || (run.batches.length === 1 && batch.writer.recordCount < 2))
      return undefined
    this.#sendsSingly = true
    this.#comesHome(run)
    if (run.batches.length > 1) {
      this.#sendAgainSingly(run)
      return []
    }
    this.#batchBytesMax = Math.max(shrunkBatchBytesMin, Math.ceil(batch.writer.length / 2))
    const halves = halvesOf(batch, this.#pool)
    for (const half of halves.toReversed()) this.#sendAgain(this.#runOf([half]))
    this.#release(batch)
    return halves
  }

  /** Takes out every waiting batch that was opened at or before `createdAtMs`. */
  removeOlder(createdAtMs: number): readonly PendingBatch<T>[] {
    if ((this.oldestAtMs ?? Infinity) > createdAtMs) return []
    if ((this.#open?.createdAtMs ?? Infinity) <= createdAtMs) this.seal()
    const isYounger = (batch: PendingBatch<T> | undefined): boolean =>
      (batch?.createdAtMs ?? 0) > createdAtMs
    const runs = this.#retries.splice(0, countBefore(this.#retries, ({ batches }) => isYounger(batches[0]))) // prettier-ignore
    const removed = runs.flatMap((run) => run.batches)
    if (this.#retries.length === 0)
      removed.push(...this.#sealed.splice(0, countBefore(this.#sealed, isYounger)))
    for (const batch of removed) {
      this.#sealedBytes -= batch.writer.length
      this.#release(batch)
    }
    this.#releaseWhenEmpty()
    return removed
  }

  #send(run: Run<T>): Run<T> {
    this.#inFlight.push(run)
    this.#inFlightTo = this.leader
    return run
  }

  #comesHome(run: Run<T>): void {
    const index = this.#inFlight.indexOf(run)
    assert(index >= 0, 'a run came home that is not in flight')
    this.#inFlight.splice(index, 1)
  }

  #sendAgain(run: Run<T>): void {
    this.#sealedBytes += run.bytes.length
    if (this.#sequences === undefined) {
      this.#sealed.unshift(...run.batches)
      return
    }
    const position = positionOf(run)
    const before = this.#retries.findLastIndex((other) => positionOf(other) < position)
    this.#retries.splice(before + 1, 0, run)
  }

  #sendAgainSingly(run: Run<T>): void {
    for (const batch of run.batches.toReversed()) this.#sendAgain(this.#runOf([batch]))
  }

  /** Batches that lie back to back. */
  #runOf(batches: readonly PendingBatch<T>[]): Run<T> {
    const { writer, chunk } = present(batches[0], 'a batch of a run')
    const end = batches.reduce((at, batch) => at + batch.writer.length, writer.start)
    return { queue: this, batches, bytes: chunk.bytes.subarray(writer.start, end) }
  }

  /** Numbers a batch and writes its header, once. */
  #finish(batch: PendingBatch<T>): void {
    if (batch.isSealed) return
    batch.isSealed = true
    if (this.#sequences !== undefined) {
      const numbered = this.#sequences.number(batch.writer.recordCount)
      batch.numbered = present(numbered, 'an id of the producer')
    }
    batch.writer.seal(producerOf(batch))
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
      isSealed: false,
      numbered: undefined,
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
    if (chunk === undefined || this.#inFlight.length > 0 || this.hasWaiting) return
    if (chunk.position < chunk.bytes.length / 4) {
      this.#nextChunkBytes = Math.max(chunkBytesMin, this.#nextChunkBytes / 2)
    }
    this.#chunk = undefined
    this.#retire(chunk)
  }
}

function positionOf<T>({ batches }: Run<T>): number {
  return batches[0]?.numbered?.position ?? 0
}

/** What the header says of a batch's producer. */
export function producerOf<T>({ numbered }: PendingBatch<T>): Pick<BatchHeader, 'producer'> {
  return numbered === undefined ? {} : { producer: numbered.producer }
}

/** How many items come before the first for which `ends` holds. */
function countBefore<I>(items: readonly I[], ends: (item: I) => boolean): number {
  const index = items.findIndex(ends)
  return index === -1 ? items.length : index
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
    const numbered = batch.numbered && numberedAfter(batch.numbered, from)
    const half = { ...batch, writer, chunk, numbered, tokens: batch.tokens?.slice(from, to) }
    writer.seal(producerOf(half))
    chunk.batchCount = 1
    return half
  })
}
