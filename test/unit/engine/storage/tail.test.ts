/** What of a log's newest batches stays in memory. */
import { expect, test } from 'vitest'
import { epoch, offset } from '../../../../src/base/id.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'
import { runOf } from '../../../../src/engine/storage/run.ts'
import { ChunkPool, LogTail, TailCache } from '../../../../src/engine/storage/tail.ts'

const batchBytes = 100_000

function batchAt(at: number): Uint8Array {
  return encodeBatch({
    records: [{ value: new Uint8Array(batchBytes), timestampMs: 1 }],
    baseOffset: offset(at),
    leaderEpoch: epoch(0),
  })
}

test('what the cache has no room for keeps no memory alive', () => {
  const tail = new LogTail(new ChunkPool())
  const cache = new TailCache(3 * batchBytes)
  const entries = Array.from({ length: 10 }, (_, index) => {
    const bytes = batchAt(index)
    const entry = tail.push(runOf([bytes]), bytes)
    cache.add(entry)
    return entry
  })
  const held = entries.filter(({ bytes, cached }) => bytes.length > 0 || cached !== undefined)
  expect(held).toEqual(entries.slice(-2))
  expect(tail.firstOffset()).toBe(8)
})
