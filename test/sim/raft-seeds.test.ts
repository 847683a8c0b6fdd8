import { expect, test } from 'vitest'
import { openSimHost } from '../../src/edge/system/sim-host.ts'
import { runRaftSeed } from '../../src/sim/raft/run-raft-seed.ts'
import { runSeeds } from '../../src/sim/run-seeds.ts'

test('500 seeds of the raft core keep every rule of the quorum', async () => {
  const verdict = await runSeeds(runRaftSeed, { firstSeed: 1, seedCount: 500 }, openSimHost())
  expect(verdict.broken).toBeUndefined()
  expect(verdict.counts['acknowledged']).toBeGreaterThan(10_000)
  expect(verdict.counts['crashes']).toBeGreaterThan(500)
})
