import { expect, test } from 'vitest'
import { openSimHost } from '../../src/edge/system/sim-host.ts'
import { runSeeds } from '../../src/sim/run-seeds.ts'
import { runStorageSeed } from '../../src/sim/storage/run-storage-seed.ts'

test('60 seeds of one log directory lose nothing that was answered and show no wrong byte', async () => {
  const verdict = await runSeeds(runStorageSeed, { firstSeed: 1, seedCount: 60 }, openSimHost())
  expect(verdict.broken).toBeUndefined()
  expect(verdict.counts['acknowledged']).toBeGreaterThan(50_000)
  expect(verdict.counts['power']).toBeGreaterThan(100)
  expect(verdict.counts['offline']).toBeGreaterThan(20)
  expect(verdict.counts['full']).toBeGreaterThan(20)
})
