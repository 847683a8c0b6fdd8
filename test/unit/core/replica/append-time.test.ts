import { expect, test } from 'vitest'
import { epoch, offset } from '../../../../src/base/id.ts'
import { concatBytes, utf8 } from '../../../../src/base/bytes.ts'
import {
  hasLogAppendTime,
  maxTimestampMs,
  verifyBatch,
  batchBytes,
} from '../../../../src/core/record/batch-header.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'
import { stampAppendTime } from '../../../../src/core/replica/append-time.ts'

test('every batch of a run gets the broker’s time and a right CRC', () => {
  const batch = encodeBatch({
    records: [{ value: utf8('a'), timestampMs: 5 }],
    baseOffset: offset(0),
    leaderEpoch: epoch(0),
  })
  const run = concatBytes([batch, batch])
  stampAppendTime(run, 1_700_000_000_000)
  for (const at of [0, batchBytes(run, 0)]) {
    expect(hasLogAppendTime(run, at)).toBe(true)
    expect(maxTimestampMs(run, at)).toBe(1_700_000_000_000)
    expect(verifyBatch(run, at)).toBeUndefined()
  }
})
