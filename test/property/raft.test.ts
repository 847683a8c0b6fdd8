import fc from 'fast-check'
import { expect, test } from 'vitest'
import { epoch, offset } from '../../src/base/id.ts'
import { planHighWatermark } from '../../src/core/raft/high-watermark.ts'
import { EpochHistory } from '../../src/core/record/epoch-history.ts'
import { votersUpTo } from '../unit/core/raft/quorum-under-test.ts'

const offsets = fc.nat({ max: 30 }).map(offset)

test('two majorities of a voter set always share a voter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (count) => {
      const majority = votersUpTo(count).majorityCount()
      expect(2 * majority).toBeGreaterThan(count)
      expect(2 * (majority - 1)).toBeLessThanOrEqual(count)
    }),
  )
})

test('the high watermark is the greatest offset that a majority has synced, if an own entry is below it', () => {
  const facts = fc.record({
    syncedEnds: fc.array(offsets, { minLength: 1, maxLength: 7 }),
    epochStartOffset: offsets,
    highWatermark: offsets,
  })
  fc.assert(
    fc.property(facts, (given) => {
      const majority = votersUpTo(given.syncedEnds.length).majorityCount()
      let naive = 0
      for (let end = 0; end <= 30; end++) {
        if (given.syncedEnds.filter((synced) => synced >= end).length >= majority) naive = end
      }
      const commits = naive > given.epochStartOffset ? naive : 0
      expect(planHighWatermark(given)).toBe(Math.max(commits, given.highWatermark))
    }),
  )
})

test('epoch ends agree with a list of the epoch of every record', () => {
  const lengths = fc.array(fc.record({ epochStep: fc.integer({ min: 1, max: 3 }), count: fc.integer({ min: 1, max: 5 }) }), { maxLength: 6 }) // prettier-ignore
  fc.assert(
    fc.property(lengths, fc.nat({ max: 20 }), fc.nat({ max: 30 }), (runs, asked, cut) => {
      const naive: number[] = []
      const history = new EpochHistory()
      let last = 0
      for (const { epochStep, count } of runs) {
        last += epochStep
        history.assign(epoch(last), offset(naive.length))
        for (let index = 0; index < count; index++) naive.push(last)
      }
      naive.length = Math.min(naive.length, cut)
      history.truncateTo(offset(cut))
      const below = naive.filter((one) => one <= asked)
      const want = below.length === 0 ? undefined : { epoch: below.at(-1), endOffset: below.length }
      expect(history.endOffsetFor(epoch(asked), offset(naive.length))).toEqual(want)
    }),
  )
})
