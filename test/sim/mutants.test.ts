import { expect, test } from 'vitest'
import { mutants } from './mutants/all.ts'
import { findMutants } from './mutants/find-mutants.ts'
import { type Mutant } from './mutants/mutant.ts'

const harmless: Mutant = {
  name: 'a comment changes',
  file: 'src/sim/raft/run-raft-seed.ts',
  find: 'export async function runRaftSeed',
  replacement: '/* nothing */ export async function runRaftSeed',
  scenario: 'raft',
  seedCountMax: 2,
}

test('an edit that no longer matches, or in a module that is not used, proves nothing', async () => {
  const findings = await findMutants([
    harmless,
    { ...harmless, find: 'text that stands nowhere' },
    { ...harmless, find: 'import' },
    { ...harmless, file: 'src/edge/system/system-clock.ts' },
  ])
  expect(findings.map(({ verdict }) => verdict)).toEqual(['missed', 'stale', 'stale', 'stale'])
})

test('the simulator finds every planted bug', async () => {
  expect(mutants.length).toBeGreaterThanOrEqual(12)
  const findings = await findMutants(mutants)
  const blind = findings.filter(({ verdict }) => verdict !== 'found')
  expect(blind.map(({ mutant, verdict, evidence }) => [mutant.name, verdict, evidence])).toEqual([])
})
