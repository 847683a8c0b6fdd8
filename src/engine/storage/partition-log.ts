/**
 * One replica's log of one partition: batches at offsets from `startOffset` up to `endOffset`,
 * appended at the end, read anywhere, cut at the end. It stays the same object while its directory
 * is reopened after the disk was full; `LogDirectory` makes it.
 */
import { type Epoch, type Offset, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type EpochHistory } from '../../core/record/epoch-history.ts'
import { StorageFault } from '../ports/fault.ts'

/** When an append is answered: durable (`ack`), or taken by the operating system (`interval`). */
export type FlushMode = 'ack' | 'interval'

/** What to read. */
export interface LogQuery {
  readonly from: Offset
  /** Exclusive bound: batches that end beyond it are not given. Default: `endOffset()`. */
  readonly upTo?: Offset
  /** At least one batch is given, however large. */
  readonly bytesMax: number
}

/** Whole batches, in order and without a gap. The slices are never written to; keep them as long as needed. */
export interface LogRead {
  readonly slices: readonly Uint8Array[]
  /** Where the next read goes on; the `from` of the query when nothing was there. */
  readonly nextOffset: Offset
  readonly bytes: number
}

/** What the commit mark of a metadata log said was answered; compare by epoch, then by end. */
export interface MarkedEnd {
  readonly epoch: Epoch
  readonly endOffset: Offset
}

/** Where a timestamp is found. */
export interface TimeIndexEntry {
  readonly offset: Offset
  readonly timestampMs: number
}

/** A log. */
export class PartitionLog {
  readonly topicId: TopicId
  readonly partition: PartitionIndex

  constructor(name: { readonly topicId: TopicId; readonly partition: PartitionIndex }) {
    this.topicId = name.topicId
    this.partition = name.partition
  }

  /** Offset of the first record that is there. */
  startOffset(): Offset {
    return this.#missing()
  }

  /** Offset after the last record, appends in flight included. */
  endOffset(): Offset {
    return this.#missing()
  }

  /** Offset after the last record that would survive by this log's flush mode. */
  durableOffset(): Offset {
    return this.#missing()
  }

  /** Which leader epoch starts where, of what is in the log now, appends in flight included. */
  epochs(): EpochHistory {
    return this.#missing()
  }

  /** Epoch of the last batch; absent while the log is empty. */
  lastEpoch(): Epoch | undefined {
    return this.#missing()
  }

  /** What the commit mark said last; only where every group is marked (the metadata log). */
  markedEnd(): MarkedEnd | undefined {
    return this.#missing()
  }

  /**
   * Appends whole stamped batches of one leader epoch, offsets going on at `endOffset()`, which
   * moves at once. Takes ownership: the bytes are never written to again, by anybody. Resolves with
   * the durable end; rejects with `StorageFault` when it is unknown whether they are there.
   */
  async append(bytes: Uint8Array): Promise<Offset> {
    return Promise.resolve(this.#missing(bytes))
  }

  /** Batches from the one that holds `from` on; at once when they are in memory. */
  read(query: LogQuery): LogRead | Promise<LogRead> {
    return this.#missing(query)
  }

  /** Drops all records at and after `offset`, and those before it in the same batch; resolves when durable. */
  async truncateTo(offset: Offset): Promise<void> {
    return Promise.resolve(this.#missing(offset))
  }

  /** Empties the log; it goes on at `offset`. Resolves when durable. */
  async restartAt(offset: Offset): Promise<void> {
    return Promise.resolve(this.#missing(offset))
  }

  /** The first batch whose greatest timestamp is at least `timestampMs`, by its base offset. */
  async offsetAtTime(timestampMs: number): Promise<TimeIndexEntry | undefined> {
    return Promise.resolve(this.#missing(timestampMs))
  }

  /** Settles the log and syncs it, then counts it under the new mode. */
  async setFlush(mode: FlushMode): Promise<void> {
    return Promise.resolve(this.#missing(mode))
  }

  #missing(...given: readonly unknown[]): never {
    throw new StorageFault(
      'closed',
      `${this.topicId}-${this.partition} is not open ${given.length}`,
    )
  }
}
