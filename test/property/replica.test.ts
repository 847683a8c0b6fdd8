/** Replication as a random walk over three replicas: any order of steps keeps what was committed. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Trio } from '../unit/core/replica/trio.ts'

type Step = (trio: Trio) => void

const id = fc.constantFrom(1, 2, 3)

function each(
  weight: number,
  act: (trio: Trio, replica: number) => unknown,
): fc.WeightedArbitrary<Step> {
  const arbitrary = id.map((replica): Step => (trio) => {
    act(trio, replica)
  })
  return { weight, arbitrary }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  each(4, (trio, replica) => { trio.produce(replica, 2) }),
  each(3, (trio, replica) => { trio.flush(replica) }),
  each(6, (trio, replica) => trio.fetch(replica)),
  each(4, (trio, replica) => { trio.deliver(replica) }),
  each(5, (trio, replica) => trio.alterIsr(replica)),
  each(2, (trio, replica) => { trio.crash(replica) }),
  each(4, (trio, replica) => { trio.restart(replica) }),
  each(1, (trio, replica) => { trio.elect(replica) }),
  // What a healthy follower does in a row, so that walks get far.
  each(8, (trio, replica) => {
    trio.fetch(replica)
    trio.flush(replica)
    trio.fetch(replica)
  }),
  each(1, (trio) => { trio.nowMs += 4000 }),
) // prettier-ignore

/** Whatever any leader has told to be committed: value by offset. */
type Committed = Map<number, number>

function observe(trio: Trio, committed: Committed): void {
  for (const { isUp, partition, log } of trio.replicas) {
    const leader = partition.leader()
    if (!isUp || leader === undefined) continue
    for (let at = 0; at < leader.highWatermark(); at++) {
      const value = log.records[at]?.value
      const before = committed.get(at)
      expect(value, `a leader misses its own committed offset ${at}`).toBeDefined()
      expect(before ?? value, `two values were committed at offset ${at}`).toBe(value)
      committed.set(at, value ?? -1)
    }
  }
  for (const member of trio.registration.isr) {
    const { log } = trio.replica(member)
    for (const [at, value] of committed) {
      const isThere = log.records[at]?.value === value && at < log.durableCount
      expect(isThere, `replica ${member} of the ISR lacks offset ${at}`).toBe(true)
    }
  }
}

test('what was committed once is on every member of the ISR for ever, whatever the order of steps', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
      const trio = new Trio()
      const committed: Committed = new Map()
      for (const run of steps) {
        run(trio)
        observe(trio, committed)
      }
    }),
    { numRuns: 5000 },
  )
})

test('the high watermark of a leader never goes back', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
      const trio = new Trio()
      const seen = new Map<object, number>()
      for (const run of steps) {
        run(trio)
        for (const { partition } of trio.replicas) {
          const leader = partition.leader()
          if (leader === undefined) continue
          expect(leader.highWatermark()).toBeGreaterThanOrEqual(seen.get(leader) ?? 0)
          seen.set(leader, leader.highWatermark())
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('once faults end, all replicas catch up, join the ISR and hold the same records', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
      const trio = new Trio()
      for (const run of steps) run(trio)
      for (let round = 0; round < 12; round++) {
        for (const { id: replica } of trio.replicas) trio.restart(replica)
        for (const { id: replica } of trio.replicas) trio.deliver(replica)
        for (const { id: replica } of trio.replicas) trio.fetch(replica)
        for (const { id: replica } of trio.replicas) trio.flush(replica)
        for (const { id: replica } of trio.replicas) trio.fetch(replica)
        for (const { id: replica } of trio.replicas) trio.alterIsr(replica)
      }
      const [first, second, third] = trio.replicas.map(({ log }) => log.records)
      expect([...trio.registration.isr].sort()).toEqual([1, 2, 3])
      expect(second).toEqual(first)
      expect(third).toEqual(first)
      expect(trio.leading()?.partition.highWatermark()).toBe(first?.length)
    }),
    { numRuns: 500 },
  )
})
