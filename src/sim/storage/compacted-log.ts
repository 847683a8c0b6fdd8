/**
 * By-key mode of a log model: how far the log may have been compacted, and whether what it holds is
 * what was appended less what compaction may take.
 */
import { offset } from '../../base/id.ts'
import { type Random } from '../../base/random.ts'
import { type Clock } from '../../engine/ports/clock.ts'
import { type PartitionLog } from '../../engine/storage/partition-log.ts'
import {
  compactionTask,
  keyedBatch,
  keyedRecordsOf,
  valuesByKey,
  type KeyedRecord,
} from './keyed-log.ts'

const keyCount = 7
const tombstoneShare = 0.15
const foreverMs = 1e12

/** A stretch of a log by two accounts. */
export interface ComparedLog {
  /** The batches as they were appended. */
  readonly appended: Uint8Array
  readonly found: Uint8Array
  readonly start: number
  readonly end: number
}

/** What a model knows of the compaction of its log. */
export class CompactedLog {
  readonly #tombstonesStay: boolean
  /** Everything from here on was never offered to compaction. */
  compactedTo = 0

  /** `tombstonesStay`: none is ever old enough to go. */
  constructor(tombstonesStay: boolean) {
    this.#tombstonesStay = tombstonesStay
  }

  /** Compacts all that may be: nothing is cut below it from now on. */
  async compact(log: PartitionLog, clock: Clock): Promise<void> {
    const upTo = log.durableOffset()
    const sealed = log.segments().filter(({ isActive, next }) => !isActive && next <= upTo)
    this.compactedTo = Math.max(this.compactedTo, sealed.at(-1)?.next ?? 0)
    const deleteRetentionMs = this.#tombstonesStay ? foreverMs : 0
    await log.compact(compactionTask(log, clock, { upTo, deleteRetentionMs }))
  }

  /** Why a log does not hold what it must; undefined when it does. */
  mismatch({ appended, found, start, end }: ComparedLog): string | undefined {
    const before = recordsFrom(appended, start)
    const after = recordsFrom(found, start)
    const left = new Set(after.map((record) => record.offset))
    const unlike = firstUnlike(before, after)
    if (unlike !== undefined) return unlike
    const untouched = before.find(
      (each) => each.offset >= this.compactedTo && !left.has(each.offset),
    )
    if (untouched !== undefined)
      return `@${untouched.offset} is gone, compacted to ${this.compactedTo}`
    if (end < this.compactedTo) return undefined
    // What is newer than all that was offered to compaction supersedes nothing for it.
    const offered = before.filter((record) => record.offset < this.compactedTo)
    const newest = new Map(offered.map((record) => [record.key, record]))
    for (const record of newest.values()) {
      const mayGo = record.value === undefined && !this.#tombstonesStay
      if (!left.has(record.offset) && !mayGo) return `the newest of ${record.key} is gone`
    }
    const values = valuesByKey(after)
    const expected = valuesByKey(before)
    const other = [...values].find(([key, value]) => expected.get(key) !== value)
    return other === undefined ? undefined : `${other[0]} is back with ${other[1]}`
  }
}

/** A batch of records of few keys, some of them tombstones. */
export function drawKeyedBatch(
  of: {
    readonly base: number
    readonly tag: string
    readonly bytes: number
    readonly epoch: number
  },
  random: Random,
): Uint8Array {
  const count = 1 + random.below(3)
  const records = Array.from({ length: count }, () => {
    const value = of.tag.repeat(Math.ceil(of.bytes / count / of.tag.length))
    const isTombstone = random.chance(tombstoneShare)
    return [`key ${random.below(keyCount)}`, isTombstone ? undefined : value] as const
  })
  return keyedBatch(of.base, records, of.epoch)
}

/** A record of `after` that `before` has not, or has otherwise. */
export function firstUnlike(
  before: readonly KeyedRecord[],
  after: readonly KeyedRecord[],
): string | undefined {
  const known = new Map(before.map((record) => [record.offset, record]))
  const unlike = after.find((record) => {
    const appended = known.get(record.offset)
    return appended?.key !== record.key || appended.value !== record.value
  })
  return unlike && `other than was appended at ${unlike.offset}`
}

/** The records of batches, those below `from` left out. */
export function recordsFrom(batches: Uint8Array, from: number): readonly KeyedRecord[] {
  return keyedRecordsOf([batches]).filter((record) => record.offset >= offset(from))
}
