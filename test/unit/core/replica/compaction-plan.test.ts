import { expect, test } from 'vitest'
import { offset } from '../../../../src/base/id.ts'
import {
  groupSegments,
  planCompaction,
  type CompactionPlan,
  type CompactionRules,
  type PlannedSegment,
} from '../../../../src/core/replica/compaction-plan.ts'

/** Segments of ten offsets each, the last one active, with the given sizes; timestamps 0, 100, 200 … */
function segments(...sizes: readonly number[]): readonly PlannedSegment[] {
  return sizes.map((bytes, index) => ({
    base: offset(index * 10),
    next: offset(index * 10 + 10),
    bytes,
    firstTimestampMs: index * 100,
    maxTimestampMs: index * 100 + 99,
    isActive: index === sizes.length - 1,
  }))
}

function plan(
  list: readonly PlannedSegment[],
  rules: Partial<CompactionRules> = {},
): CompactionPlan | undefined {
  return planCompaction(list, {
    cleanedTo: offset(0),
    highWatermark: offset(1000),
    nowMs: 10_000,
    minLagMs: 0,
    maxLagMs: Infinity,
    minDirtyRatio: 0.5,
    ...rules,
  })
}

test('everything but the active segment is compacted', () => {
  expect(plan(segments(5, 5, 5))).toEqual({ from: 0, upTo: 20, dirtyRatio: 1 })
  expect(plan(segments(5))).toBeUndefined()
})

test('what may still be cut off is not compacted', () => {
  expect(plan(segments(5, 5, 5), { highWatermark: offset(19) })?.upTo).toBe(10)
  expect(plan(segments(5, 5, 5), { highWatermark: offset(9) })).toBeUndefined()
})

test('a log is left alone until enough of it is dirty', () => {
  expect(plan(segments(60, 40, 1), { cleanedTo: offset(10) })).toBeUndefined()
  expect(plan(segments(60, 60, 1), { cleanedTo: offset(10) })).toMatchObject({
    from: 10,
    upTo: 20,
    dirtyRatio: 0.5,
  })
})

test('a record that waited for the greatest lag is compacted however little is dirty', () => {
  const list = segments(60, 1, 1)
  expect(plan(list, { cleanedTo: offset(10), maxLagMs: 9901 })).toBeUndefined()
  expect(plan(list, { cleanedTo: offset(10), maxLagMs: 9900 })?.upTo).toBe(20)
})

test('nothing is compacted before its least lag, nor what lies behind it', () => {
  expect(plan(segments(5, 5, 5, 5), { minLagMs: 9802 })?.upTo).toBe(10)
  expect(plan(segments(5, 5, 5), { minLagMs: 9902 })).toBeUndefined()
})

test('without a least lag, timestamps ahead of the clock hold nothing up', () => {
  expect(plan(segments(5, 5, 5), { minLagMs: 0, nowMs: 1 })?.upTo).toBe(20)
})

test('after what the keys had no room for, it goes on inside a segment', () => {
  expect(plan(segments(5, 5, 5), { cleanedTo: offset(14) })).toEqual({
    from: 14,
    upTo: 20,
    dirtyRatio: 0.5,
  })
})

test('small neighbours are joined up to the size of a segment', () => {
  const list = segments(3, 3, 3, 9, 1, 1)
  const groups = groupSegments(list, { upTo: offset(50), segmentBytes: 7 })
  expect(groups.map((group) => group.map(({ base }) => base))).toEqual([[0, 10], [20], [30], [40]])
})
