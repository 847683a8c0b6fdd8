import fc from 'fast-check'
import { expect, test } from 'vitest'
import { epoch, offset, partitionIndex, topicId } from '../../src/base/id.ts'
import { decodeExtent, extentRow, type Extent } from '../../src/engine/storage/extent.ts'
import {
  decodeGroup,
  encodeGroup,
  type GroupHeader,
  type JournalEntry,
} from '../../src/engine/storage/journal-group.ts'
import {
  decodeLogRow,
  decodeSegmentRow,
  decodeTailRow,
  logRow,
  segmentRow,
  tailRow,
} from '../../src/engine/storage/rows.ts'

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER - 1 })
const word = fc.nat({ max: 0xffffffff })
const anOffset = count.map((value) => offset(value))
const anEpoch = fc.nat({ max: 0x7fffffff }).map((value) => epoch(value))
const aRun = fc.record({
  first: anOffset,
  next: anOffset,
  epoch: anEpoch,
  batchCount: word,
  maxTimestampMs: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  headersCrc: word,
  length: word,
})
const anEntry: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.record({ kind: fc.constant('held' as const), logId: word, run: aRun, position: count }),
  fc.record({
    kind: fc.constant('extent' as const),
    logId: word,
    run: aRun,
    position: count,
    fileId: word,
  }),
  fc.record({
    kind: fc.constantFrom('truncate' as const, 'restart' as const),
    logId: word,
    offset: anOffset,
  }),
  fc.record({ kind: fc.constant('start' as const), logId: word, offset: anOffset }),
  fc.record({ kind: fc.constant('drop' as const), logId: word }),
)
const aHeader: fc.Arbitrary<GroupHeader> = fc.record({
  life: count,
  number: count,
  answered: count,
  previousLife: count,
  keptThrough: count,
  previousCrc: word,
})

test('a journal group reads back as it was written', () => {
  fc.assert(
    fc.property(aHeader, fc.array(anEntry, { maxLength: 20 }), (header, entries) => {
      const { bytes, crc } = encodeGroup(header, entries, { bodiesBytes: 0, seed: 7 })
      expect(decodeGroup(bytes, 0, 7)).toMatchObject({ ...header, crc, entries })
      expect(decodeGroup(bytes, 0, 8)).toBeUndefined()
    }),
  )
})

test('a journal group with one flipped bit is no group', () => {
  fc.assert(
    fc.property(aHeader, fc.array(anEntry, { maxLength: 5 }), fc.nat(), (header, entries, at) => {
      const { bytes } = encodeGroup(header, entries, { bodiesBytes: 0, seed: 7 })
      const index = at % bytes.length
      bytes[index] = (bytes[index] ?? 0) ^ (1 << (at % 8))
      expect(decodeGroup(bytes, 0, 7)).toBeUndefined()
    }),
  )
})

test('rows read back as they were written, and not at all with a flipped bit or under another key', () => {
  const anExtent: fc.Arbitrary<Extent> = fc
    .record({ run: aRun, fileId: word, position: count })
    .filter(({ run }) => run.next > 0)
    .map(({ run, fileId, position }) => ({ ...run, fileId, position }))
  fc.assert(
    fc.property(word, anExtent, fc.nat(), (logId, extent, at) => {
      const row = extentRow(logId, extent)
      expect(decodeExtent(row)).toEqual(extent)
      expect(decodeExtent({ ...extentRow(logId ^ 1, extent), value: row.value })).toBeUndefined()
      const value = row.value.slice()
      value[at % value.length] = (value[at % value.length] ?? 0) ^ 1
      expect(decodeExtent({ key: row.key, value })).toBeUndefined()
    }),
  )
  const range = { start: offset(3), end: offset(9), cleanedTo: offset(5) }
  const tail = { logId: 7, ...range, extentCount: 2, settledThrough: 44 }
  expect(decodeTailRow(tailRow(tail))).toEqual(tail)
  const log = {
    logId: 9,
    topicId: topicId('t'.repeat(22)),
    partition: partitionIndex(3),
    flush: 'interval' as const,
    segmentBytes: 2 ** 31,
    role: 'leaving' as const,
    copy: 3,
    unclean: 'corrupt' as const,
    droppedBy: undefined,
  }
  expect(decodeLogRow(logRow(log))).toEqual(log)
  expect(decodeLogRow(logRow({ ...log, unclean: undefined, droppedBy: 5 }))?.droppedBy).toBe(5)
  const sealed = {
    next: offset(90),
    extentCount: 4,
    bytes: 4000,
    firstTimestampMs: -1,
    maxTimestampMs: 77,
    maxTimestampAt: offset(6),
    epochs: [{ epoch: epoch(1), startOffset: offset(5) }],
  }
  const segment = { logId: 1, fileId: 2, base: offset(5), sealed }
  expect(decodeSegmentRow(segmentRow(segment))).toEqual(segment)
  expect(decodeSegmentRow(segmentRow({ ...segment, sealed: undefined }))?.sealed).toBeUndefined()
})
