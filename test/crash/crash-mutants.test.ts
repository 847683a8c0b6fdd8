/** The crash cycles bite: bugs of the kind that they are there for do not get through. */
import { expect, test } from 'vitest'
import { compiler } from './power-loss/compile.ts'
import { findCrashMutants } from './find-mutants.ts'
import { crashMutants } from './mutants.ts'

const quickOnes = [
  'appends are answered before they are durable',
  'the directory of a new journal file is not synced',
  'rows of a settle are not synced before the journal goes',
]

test.skipIf(compiler === undefined)(
  'planted bugs lose something (needs a C compiler)',
  async () => {
    const mutants = crashMutants.filter(({ name }) => quickOnes.includes(name))
    expect(mutants).toHaveLength(quickOnes.length)
    const findings = await findCrashMutants(mutants, 100)
    const missed = findings.filter(({ isFound }) => !isFound)
    expect(missed.map(({ mutant, evidence }) => `${mutant.name}: ${evidence}`)).toEqual([])
  },
)
