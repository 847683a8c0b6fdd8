/**
 * One replica's log of one partition: batches at offsets from `startOffset` up to `endOffset`,
 * appended at the end, read anywhere, cut at the end. It stays the same object while its directory
 * is reopened after the disk was full; `LogDirectory` makes it.
 */
import {
  type DirectoryId,
  type Epoch,
  type Offset,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { type EpochHistory } from '../../core/record/epoch-history.ts'
import { type CompactionResult, type CompactionTask } from './compaction-task.ts'

/** When an append is answered: durable (`ack`), or taken by the operating system (`interval`). */
export type FlushMode = 'ack' | 'interval'

/** `low`: takes no records of producers, all else goes on; `full`: nothing is appended until space returns; `offline`: nothing is written in this life of the process. Reads go on. */
export type DirectoryState = 'online' | 'low' | 'full' | 'offline'

/** The directory that a log lives in. */
export interface LogHome {
  readonly directoryId: DirectoryId
  readonly path: string
  readonly state: () => DirectoryState
}

/** What a log is run by. */
export interface LogPolicy {
  readonly flush: FlushMode
  /** A segment file is not gone on with beyond this. */
  readonly segmentBytes: number
  /** Nor when its first batch is older than this, by the timestamps of the batches. */
  readonly segmentMs: number
  /** How long the file of a dropped segment stays. */
  readonly fileDeleteDelayMs: number
}

/** Rolled by size alone; dropped files go at once. */
export function plainPolicy(flush: FlushMode, segmentBytes: number): LogPolicy {
  return { flush, segmentBytes, segmentMs: Infinity, fileDeleteDelayMs: 0 }
}

/** One segment, appends in flight left out of all but `next`. */
export interface SegmentView {
  readonly base: Offset
  /** Offset after its last record: the end of the log for the active one. */
  readonly next: Offset
  readonly bytes: number
  /** Greatest timestamp of its first run; -1 when it is unknown. */
  readonly firstTimestampMs: number
  readonly maxTimestampMs: number
  /** Appends go here. */
  readonly isActive: boolean
}

/** What to read. */
export interface LogQuery {
  readonly from: Offset
  /** Exclusive bound: batches that end beyond it are not given. Default: `endOffset()`. */
  readonly upTo?: Offset
  /** At least one batch is given, however large. */
  readonly bytesMax: number
  /** What comes from disk is compared with the CRC of each batch, bodies included. Default false. */
  readonly provesBodies?: boolean
}

/** Whole batches, in order; between them only what was compacted is missing. The slices are never written to; keep them as long as needed. */
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

/**
 * What a log's producers were at an offset, for `core/replica` to say. It counts only for a log whose
 * record before that offset is of that leader epoch: then all records before it are the same, too.
 */
export interface ProducersSnapshot {
  /** Offset after the last record that it covers. */
  readonly endOffset: Offset
  /** Leader epoch of that record. */
  readonly epoch: Epoch
  readonly bytes: Uint8Array
}

/** Which batch is looked for: one that ends after `from` and at or before `upTo`. */
export interface TimeQuery {
  readonly timestampMs: number
  readonly from: Offset
  readonly upTo: Offset
}

/** Which timestamp is looked for: one below `below`, of batches that end at or before `upTo`. */
export interface GreatestQuery {
  readonly upTo: Offset
  readonly below: number
}

/** The log as one opening of its directory has it; `PartitionLog` passes everything on to it. */
export interface OpenedLog {
  readonly startOffset: () => Offset
  readonly endOffset: () => Offset
  readonly durableOffset: () => Offset
  readonly damagedFrom: () => Offset | undefined
  readonly epochs: () => EpochHistory
  readonly markedEnd: () => MarkedEnd | undefined
  readonly append: (bytes: Uint8Array, mayHaveGaps?: boolean) => Promise<Offset>
  readonly read: (query: LogQuery) => LogRead | Promise<LogRead>
  readonly cleanedTo: () => Offset
  readonly compact: (task: CompactionTask) => Promise<CompactionResult>
  readonly truncateTo: (offset: Offset) => Promise<void>
  readonly restartAt: (offset: Offset) => Promise<void>
  readonly batchAtTime: (query: TimeQuery) => Promise<Uint8Array | undefined>
  readonly greatestTimestampMs: (query: GreatestQuery) => Promise<number>
  readonly segments: () => readonly SegmentView[]
  readonly startAt: (offset: Offset) => Promise<void>
  readonly configure: (policy: LogPolicy) => Promise<void>
  readonly producersSnapshot: () => ProducersSnapshot | undefined
  readonly saveProducers: (snapshot: ProducersSnapshot) => void
}

/** A log. */
export class PartitionLog {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  #home: LogHome
  #opened: OpenedLog
  #reopening: Promise<void> | undefined

  constructor(
    name: { readonly topicId: TopicId; readonly partition: PartitionIndex },
    home: LogHome,
    opened: OpenedLog,
  ) {
    this.topicId = name.topicId
    this.partition = name.partition
    this.#home = home
    this.#opened = opened
  }

  /** The directory that it lives in now. */
  home(): LogHome {
    return this.#home
  }

  /** Its directory is being opened again: reads wait until `reopening` resolves. For `LogDirectory` alone. */
  suspend(reopening: Promise<void>): void {
    this.#reopening = reopening
  }

  /** The directory was opened again, and this is the log there. For `LogDirectory` alone. */
  reopen(opened: OpenedLog): void {
    this.#opened = opened
    this.#reopening = undefined
  }

  /** It lives in another directory from now on. For `LogDirectory` alone. */
  moveTo(home: LogHome, opened: OpenedLog): void {
    this.#home = home
    this.reopen(opened)
  }

  /** Offset of the first record that is there. */
  startOffset(): Offset {
    return this.#opened.startOffset()
  }

  /** Offset after the last record, appends in flight included. */
  endOffset(): Offset {
    return this.#opened.endOffset()
  }

  /** Offset after the last record that would survive by this log's flush mode. */
  durableOffset(): Offset {
    return this.#opened.durableOffset()
  }

  /** Where known damage starts: from here on nothing can be vouched for until it is cut off. */
  damagedFrom(): Offset | undefined {
    return this.#opened.damagedFrom()
  }

  /** Which leader epoch starts where, of what is in the log now, appends in flight included. Not to be changed. */
  epochs(): EpochHistory {
    return this.#opened.epochs()
  }

  /** Epoch of the last batch; absent while the log is empty. */
  lastEpoch(): Epoch | undefined {
    return this.#opened.epochs().lastEpoch()
  }

  /**
   * What the commit mark says was answered, where every group is marked (the metadata log). Beyond
   * `lastEpoch()` and `endOffset()`, the log has lost something: it may not vote until it has
   * fetched past the mark.
   */
  markedEnd(): MarkedEnd | undefined {
    return this.#opened.markedEnd()
  }

  /**
   * Appends whole stamped batches of one leader epoch, offsets going on at `endOffset()`, which
   * moves at once. Takes ownership: the bytes are never written to again, by anybody. Resolves with
   * the durable end; rejects with `StorageFault` when it is unknown whether they are there.
   */
  async append(bytes: Uint8Array): Promise<Offset> {
    return this.#opened.append(bytes)
  }

  /** As `append`, for what a leader sent: offsets may be missing, since its log may have been compacted. */
  async appendFetched(bytes: Uint8Array): Promise<Offset> {
    return this.#opened.append(bytes, true)
  }

  /**
   * Batches from the one that holds `from` on; at once when they are in memory. Rejects, or throws,
   * with `StorageFault`: `not-found` outside the log, `corrupt` when the disk gives other bytes.
   */
  read(query: LogQuery): LogRead | Promise<LogRead> {
    if (this.#reopening !== undefined) return this.#readAfter(this.#reopening, query)
    return this.#opened.read(query)
  }

  /** Everything below was compacted; what was appended since, or is kept from before, was not. */
  cleanedTo(): Offset {
    return this.#opened.cleanedTo()
  }

  /**
   * Compacts sealed segments as planned, one call at a time. Rejects with `StorageFault`: `closed`
   * when it was aborted or the log was cut meanwhile, `corrupt` when what is there cannot be read;
   * the log is as good as before.
   */
  async compact(task: CompactionTask): Promise<CompactionResult> {
    return this.#opened.compact(task)
  }

  /** Drops all records at and after `offset`, and those before it in the same batch; resolves when durable. */
  async truncateTo(offset: Offset): Promise<void> {
    return this.#opened.truncateTo(offset)
  }

  /** Empties the log; it goes on at `offset`. Resolves when durable. */
  async restartAt(offset: Offset): Promise<void> {
    return this.#opened.restartAt(offset)
  }

  /**
   * The first batch, by offset, whose header claims a timestamp of at least `timestampMs`. Whether a
   * record of it is that late, only its records tell. Rejects as `read` does.
   */
  async batchAtTime(query: TimeQuery): Promise<Uint8Array | undefined> {
    await this.#reopening
    return this.#opened.batchAtTime(query)
  }

  /** The greatest timestamp that a header claims; -1 when none has one. Rejects as `read` does. */
  async greatestTimestampMs(query: GreatestQuery): Promise<number> {
    await this.#reopening
    return this.#opened.greatestTimestampMs(query)
  }

  /** What it consists of, oldest first; empty while the log is. */
  segments(): readonly SegmentView[] {
    return this.#opened.segments()
  }

  /**
   * What is below `offset`, which is at most the end, is not in the log any more; resolves when that is
   * durable. Whole segments below it go: their rows soon, their files when nobody reads them and
   * `fileDeleteDelayMs` is over. Appends go on meanwhile. A start that is there already only drops
   * segments that had to stay before.
   */
  async startAt(offset: Offset): Promise<void> {
    return this.#opened.startAt(offset)
  }

  /** Runs the log by `policy`. A change of the flush mode settles and syncs the log before it counts. */
  async configure(policy: LogPolicy): Promise<void> {
    return this.#opened.configure(policy)
  }

  /** The newest snapshot of its producers that is of what the log holds now. */
  producersSnapshot(): ProducersSnapshot | undefined {
    return this.#opened.producersSnapshot()
  }

  /** Keeps a snapshot; durable with the rows of what it covers. Nothing happens when nothing can be written. */
  saveProducers(snapshot: ProducersSnapshot): void {
    this.#opened.saveProducers(snapshot)
  }

  async #readAfter(reopening: Promise<void>, query: LogQuery): Promise<LogRead> {
    await reopening
    return this.#opened.read(query)
  }
}
