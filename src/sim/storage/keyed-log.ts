/**
 * Keyed records for tests and seeds of compaction: appends them, reads them back, and says what a
 * reader by key ends up with.
 */
import { textOf, utf8 } from '../../base/bytes.ts'
import { epoch, offset, type Offset } from '../../base/id.ts'
import { compression, forEachBatch } from '../../core/record/batch-header.ts'
import { readRecords } from '../../core/record/batch-reader.ts'
import { encodeBatch } from '../../core/record/batch-writer.ts'
import { type CompactionTask } from '../../engine/storage/compaction-task.ts'
import { Throttle } from '../../engine/runtime/throttle.ts'
import { type Clock } from '../../engine/ports/clock.ts'
import { type PartitionLog } from '../../engine/storage/partition-log.ts'
import { simCompressor } from '../sim-compressor.ts'
import { readAll } from './storage-world.ts'

/** A record by key; no value: a tombstone. */
export interface KeyedRecord {
  readonly offset: Offset
  readonly key: string
  readonly value: string | undefined
}

/** A batch of records at `base`. */
export function keyedBatch(
  base: number,
  records: readonly (readonly [key: string, value: string | undefined])[],
  leaderEpoch = 1,
): Uint8Array {
  return encodeBatch({
    baseOffset: offset(base),
    leaderEpoch: epoch(leaderEpoch),
    records: records.map(([key, value], index) => ({
      key: utf8(key),
      ...(value !== undefined && { value: utf8(value) }),
      timestampMs: 1000 + base + index,
    })),
  })
}

/** All records of plain batches. */
export function keyedRecordsOf(slices: readonly Uint8Array[]): readonly KeyedRecord[] {
  const records: KeyedRecord[] = []
  for (const slice of slices)
    forEachBatch(slice, (at) => {
      if (compression(slice, at) !== 'none') return
      for (const view of readRecords(slice, at)) {
        const value = view.value()
        const key = textOf(view.key() ?? new Uint8Array(0))
        records.push({ offset: view.offset, key, value: value && textOf(value) })
      }
    })
  return records
}

/** All records of a log. */
export async function readKeyed(log: PartitionLog): Promise<readonly KeyedRecord[]> {
  return keyedRecordsOf(await readAll(log))
}

/** What a reader by key ends up with: each key’s newest value. */
export function valuesByKey(records: readonly KeyedRecord[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const { key, value } of records) {
    if (value === undefined) values.delete(key)
    else values.set(key, value)
  }
  return values
}

/** Compaction of all that a log has, unless said otherwise. */
export function compactionTask(
  log: PartitionLog,
  clock: Clock,
  task: Partial<CompactionTask> = {},
): CompactionTask {
  return {
    from: log.cleanedTo(),
    upTo: log.endOffset(),
    nowMs: 1_000_000,
    deleteRetentionMs: 1000,
    segmentBytes: 64 * 1024,
    keysBytesMax: 1024 * 1024,
    seed: 1,
    producerEnd: () => undefined,
    compressor: simCompressor(),
    throttle: new Throttle(clock, () => 1e9),
    signal: new AbortController().signal,
    ...task,
  }
}
