import fc from 'fast-check'
import { expect, test } from 'vitest'
import { offset } from '../../../../src/base/id.ts'
import { planRetention, type RetainedSegment } from '../../../../src/core/replica/segment-plan.ts'

const segments: readonly RetainedSegment[] = [
  { base: offset(0), next: offset(10), bytes: 100, maxTimestampMs: 1000 },
  { base: offset(10), next: offset(20), bytes: 100, maxTimestampMs: 3000 },
  { base: offset(20), next: offset(30), bytes: 100, maxTimestampMs: 2000 },
]
const unbounded = { retentionMs: -1, retentionBytes: -1, highWatermark: offset(30), nowMs: 9000 }

test('a log without bounds keeps everything', () => {
  expect(planRetention(segments, unbounded)).toBeUndefined()
})

test('old segments go in order, and a younger one keeps all that follow it', () => {
  expect(planRetention(segments, { ...unbounded, retentionMs: 7000 })).toBe(10)
  expect(planRetention(segments, { ...unbounded, retentionMs: 8000 })).toBeUndefined()
  expect(planRetention(segments, { ...unbounded, retentionMs: 5999 })).toBe(30)
})

test('what is kept is at least as much as the bound, by whole segments', () => {
  expect(planRetention(segments, { ...unbounded, retentionBytes: 200 })).toBe(10)
  expect(planRetention(segments, { ...unbounded, retentionBytes: 201 })).toBeUndefined()
  expect(planRetention(segments, { ...unbounded, retentionBytes: 0 })).toBe(30)
})

test('nothing goes that is not wholly below the high watermark', () => {
  const rules = { ...unbounded, retentionBytes: 0, highWatermark: offset(19) }
  expect(planRetention(segments, rules)).toBe(10)
})

test('whatever the log, the start is a segment’s end below the high watermark and enough is kept', () => {
  const aLog = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 9 }), bytes: fc.nat(99), atMs: fc.nat(99) }),
  )
  fc.assert(
    fc.property(aLog, fc.nat(400), fc.nat(120), fc.nat(60), (drawn, bytesMin, ageMs, mark) => {
      let next = 0
      const log = drawn.map(({ count, bytes, atMs }): RetainedSegment => {
        const base = next
        next += count
        return { base: offset(base), next: offset(next), bytes, maxTimestampMs: atMs }
      })
      const start = planRetention(log, {
        ...{ retentionMs: ageMs, retentionBytes: bytesMin },
        ...{ highWatermark: offset(mark), nowMs: 120 },
      })
      if (start === undefined) return
      const gone = log.filter((segment) => segment.next <= start)
      expect(gone.at(-1)?.next).toBe(start)
      expect(start).toBeLessThanOrEqual(mark)
      const youngGone = gone.filter((segment) => 120 - segment.maxTimestampMs <= ageMs)
      const kept = log.slice(gone.length).reduce((sum, { bytes }) => sum + bytes, 0)
      if (youngGone.length === gone.length) expect(kept).toBeGreaterThanOrEqual(bytesMin)
    }),
  )
})
