import { expect, test } from 'vitest'
import { openSimHost } from '../../src/edge/system/sim-host.ts'
import { runClusterSeed } from '../../src/sim/cluster/run-cluster-seed.ts'
import { runSeeds } from '../../src/sim/run-seeds.ts'

test('100 seeds of whole clusters lose nothing, reorder nothing and heal', async () => {
  const verdict = await runSeeds(runClusterSeed, { firstSeed: 1, seedCount: 100 }, openSimHost())
  expect(verdict.broken).toBeUndefined()
  expect(verdict.counts['acknowledged']).toBeGreaterThan(10_000)
  for (const fault of ['kill', 'power-loss', 'power-loss-all', 'isolate', 'pause', 'disk-full'])
    expect(verdict.counts[fault]).toBeGreaterThan(10)
  expect(verdict.counts['compactions']).toBeGreaterThan(300)
})

test('a seed gives the same history again, also without the fast microtask checkpoint', async () => {
  const fast = await runClusterSeed({ seed: 1, host: openSimHost() })
  const slow = await runClusterSeed({ seed: 1, host: openSimHost({ isFast: false }) })
  expect(slow.traceHash).toBe(fast.traceHash)
  expect(slow.eventCount).toBe(fast.eventCount)
})
