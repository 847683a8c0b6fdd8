/**
 * What one log may hold, by what was asked of it and what was answered: a naive model that the seeds
 * compare the storage engine with. A log has one *timeline* at a time, a gapless list of batches; a
 * cut that is not answered yet leaves two that are both right after a crash.
 */
import { compareBytes, concatBytes } from '../../base/bytes.ts'
import { baseOffset, forEachBatch, nextOffset } from '../../core/record/batch-header.ts'
import { type FlushMode, type PartitionLog } from '../../engine/storage/partition-log.ts'
import { type CompactedLog } from './compacted-log.ts'
import { readAll } from './storage-world.ts'

interface ModelBatch {
  readonly base: number
  readonly next: number
  readonly bytes: Uint8Array
}

interface Timeline {
  readonly start: number
  readonly batches: ModelBatch[]
  /** Everything below was answered as durable. */
  acked: number
}

const timelinesMax = 40

/** What a directory shows of a log after it was opened. */
export interface FoundLog {
  readonly start: number
  readonly end: number
  readonly durable: number
  /** All batches from its start to its end. */
  readonly bytes: Uint8Array
}

/** Reads a log whole. */
export async function foundIn(log: PartitionLog): Promise<FoundLog> {
  const bytes = concatBytes(await readAll(log))
  return { start: log.startOffset(), end: log.endOffset(), durable: log.durableOffset(), bytes }
}

/** The model of one log. */
export class LogModel {
  readonly index: number
  /** In by-key mode: the log is compacted. */
  readonly compacted: CompactedLog | undefined
  flush: FlushMode
  /** False while a change of mode has no answer: the log may be in either. */
  isModeKnown = true
  /** Leader epochs never go back, also when the log has nothing left to tell its last one. */
  epoch = 0
  /** Whether the log must be there, may be, or must not. */
  presence: 'there' | 'maybe' | 'gone' = 'gone'
  #timelines: Timeline[] = [{ start: 0, batches: [], acked: 0 }]
  /** Cut for good, but what a directory that cannot vouch for a log may still show. */
  #former: Timeline[] = []

  constructor(index: number, flush: FlushMode, compacted?: CompactedLog) {
    this.index = index
    this.compacted = compacted
    this.flush = flush
  }

  /** Where the next batch goes. */
  end(): number {
    return endOf(this.#current())
  }

  /** The first offset. */
  start(): number {
    return this.#current().start
  }

  /** A fresh log begins; the old one may still be there until `keepOnlyNewest`. */
  begin(): void {
    this.#push({ start: 0, batches: [], acked: 0 })
  }

  /** A batch was handed to the log. */
  append(base: number, next: number, bytes: Uint8Array): void {
    this.#current().batches.push({ base, next, bytes })
  }

  /** The log answered that everything below `end` is durable. */
  acknowledge(end: number): void {
    const current = this.#current()
    current.acked = Math.max(current.acked, end)
  }

  /** A truncation is under way; the start of the batch over `offset` is the new end. */
  cut(offset: number): number {
    const { start, batches } = this.#current()
    const kept = batches.filter(({ next }) => next <= offset)
    const timeline = { start, batches: kept, acked: 0 }
    timeline.acked = endOf(timeline)
    this.#push(timeline)
    return timeline.acked
  }

  /** A move of the start is under way. */
  moveStart(offset: number): void {
    const { start, batches, acked } = this.#current()
    if (offset > start) this.#push(startedAt({ start: offset, batches, acked }))
  }

  /** A restart at `offset` is under way. */
  restart(offset: number): void {
    this.#push({ start: offset, batches: [], acked: offset })
  }

  /** The change was answered: with `ack`, nothing older may come back. */
  isAnswered(): void {
    if (this.flush !== 'ack') return
    this.#former = [...this.#former, ...this.#timelines.slice(0, -1)].slice(-timelinesMax)
    this.#timelines = [this.#current()]
  }

  /** Nothing older may come back, whatever happens. */
  keepOnlyNewest(): void {
    this.#timelines = [this.#current()]
    this.#former = []
  }

  /** The bytes that a read from the batch over `from` must start with. */
  bytesFrom(from: number): Uint8Array {
    const { batches } = this.#current()
    return concatBytes(batches.filter(({ next }) => next > from).map(({ bytes }) => bytes))
  }

  /** An offset inside a random batch, or the end. */
  offsetAt(share: number): number {
    const start = this.start()
    return start + Math.floor(share * (this.end() - start + 1))
  }

  /** Compares what a directory shows of the log after it was opened, absent if it has none; see `#compare`. */
  check(found: FoundLog | undefined, isExcused: boolean): string | undefined {
    const { presence } = this
    this.presence = found === undefined ? 'gone' : 'there'
    if (found === undefined) return presence === 'there' ? `log ${this.index} is gone` : undefined
    if (presence === 'gone') return `log ${this.index} came back`
    return this.#compare(found, isExcused)
  }

  /**
   * Compares with the log as it was recovered, and takes it as the new truth; a sentence when it is
   * none of what it may be. `isExcused`: the directory reported that it cannot vouch for it.
   */
  #compare(found: FoundLog, isExcused: boolean): string | undefined {
    const { end } = found
    if (found.durable !== end)
      return `log ${this.index} ends at ${end}, durable at ${found.durable}`
    const tried: string[] = []
    const candidates = [...(isExcused ? this.#former : []), ...this.#timelines]
    for (const timeline of candidates.reverse()) {
      const why = this.#mismatch(timeline, found, isExcused)
      if (why !== undefined) {
        tried.push(why)
        continue
      }
      const batches = timeline.batches.filter(({ next }) => next <= end)
      this.#timelines = [{ start: timeline.start, batches, acked: end }]
      this.#former = []
      return undefined
    }
    return `log ${this.index} (${this.flush}): ${tried.join('; ')}`
  }

  /** Takes what a log holds as the truth, unseen. */
  adopt(found: FoundLog): void {
    const batches: ModelBatch[] = []
    forEachBatch(found.bytes, (at, length) => {
      const bytes = found.bytes.subarray(at, at + length)
      batches.push({ base: baseOffset(bytes, 0), next: nextOffset(bytes, 0), bytes })
    })
    this.#timelines = [{ start: found.start, batches, acked: found.end }]
    this.#former = []
  }

  #mismatch(timeline: Timeline, found: FoundLog, isExcused: boolean): string | undefined {
    const kept = timeline.batches.filter(({ next }) => next <= found.end)
    const why = endMismatch(timeline, found, isExcused)
    if (why !== undefined) return why
    if (this.compacted === undefined) return bytesMismatch(kept, found)
    const appended = concatBytes(kept.map(({ bytes }) => bytes))
    return this.compacted.mismatch({ ...found, appended, found: found.bytes })
  }

  #push(timeline: Timeline): void {
    this.#timelines.push(timeline)
    if (this.#timelines.length > timelinesMax) this.#timelines.shift()
  }

  #current(): Timeline {
    const current = this.#timelines.at(-1)
    if (current === undefined) throw new Error('a log without a timeline')
    return current
  }
}

function startedAt({ start, batches, acked }: Timeline): Timeline {
  return { start, batches: batches.filter(({ next }) => next > start), acked }
}

function endOf({ start, batches }: Timeline): number {
  return batches.at(-1)?.next ?? start
}

function endMismatch(timeline: Timeline, found: FoundLog, isExcused: boolean): string | undefined {
  if (found.start !== timeline.start) return `starts at ${found.start}, not ${timeline.start}`
  if (found.end < timeline.acked && !isExcused)
    return `ends at ${found.end}, acknowledged to ${timeline.acked}`
  if (found.end > endOf(timeline)) return `ends at ${found.end}, appended to ${endOf(timeline)}`
  return undefined
}

function bytesMismatch(kept: readonly ModelBatch[], found: FoundLog): string | undefined {
  let at = 0
  for (const { base, bytes } of kept) {
    if (compareBytes(bytes, found.bytes.subarray(at, at + bytes.length)) !== 0)
      return `other bytes than were appended at ${base}, of ${found.end}`
    at += bytes.length
  }
  return at === found.bytes.length ? undefined : `${found.bytes.length - at} bytes too many`
}
