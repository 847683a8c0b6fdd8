/**
 * Runs each planted bug in a child process, two at a time, until its first violation. A mutant
 * counts only if the clean tree passes the same seeds, which is tried first.
 */
import { spawn } from 'node:child_process'
import { mapBounded } from '../../../src/engine/runtime/gate.ts'
import { type Mutant } from './mutant.ts'

/** What became of one mutant. `stale`: its edit no longer matches the source. */
export interface Finding {
  readonly mutant: Mutant
  readonly verdict: 'found' | 'missed' | 'stale' | 'unfounded'
  /** The last line of the run. */
  readonly evidence: string
}

interface Run {
  readonly status: number
  readonly lastLine: string
}

const root = new URL('../../../', import.meta.url).pathname
const childrenMax = 2
const timeLimitMs = 240_000

/** Looks for all of them; `onFinding` hears of each as it comes. */
export async function findMutants(
  mutants: readonly Mutant[],
  onFinding: (finding: Finding) => void = () => undefined,
): Promise<readonly Finding[]> {
  const scenarios = [...new Set(mutants.map(({ scenario }) => scenario))]
  const clean = new Map<string, Run>()
  await mapBounded(childrenMax, scenarios, async (scenario) => {
    const seedCounts = mutants
      .filter((mutant) => mutant.scenario === scenario)
      .map(({ seedCountMax }) => seedCountMax)
    clean.set(scenario, await run(scenario, Math.max(...seedCounts)))
  })
  return mapBounded(childrenMax, mutants, async (mutant) => {
    const finding = judge(
      mutant,
      await run(mutant.scenario, mutant.seedCountMax, mutant),
      clean.get(mutant.scenario),
    )
    onFinding(finding)
    return finding
  })
}

function judge(mutant: Mutant, mutated: Run, clean: Run | undefined): Finding {
  const evidence = mutated.lastLine
  if (clean?.status !== 0)
    return { mutant, verdict: 'unfounded', evidence: `the clean tree: ${clean?.lastLine ?? '?'}` }
  if (mutated.status === 3) return { mutant, verdict: 'stale', evidence }
  const isFound = mutated.status === 1 && evidence.includes('violates')
  return { mutant, verdict: isFound ? 'found' : 'missed', evidence }
}

async function run(scenario: string, seedCount: number, mutant?: Mutant): Promise<Run> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      `${root}test/sim/mutants/plant.ts`,
      `${root}scripts/sim.ts`,
      '--scenario',
      scenario,
      '--seeds',
      String(seedCount),
    ],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeLimitMs,
      env: {
        PATH: process.env['PATH'],
        ...(mutant && { SLUICE_SIM_MUTANT: JSON.stringify(mutant) }),
      },
    },
  )
  let output = ''
  const collect = (chunk: unknown): void => {
    output = (output + String(chunk)).slice(-20_000)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return new Promise((resolve) => {
    child.on('close', (status) => {
      resolve({ status: status ?? -1, lastLine: output.trim().split('\n').at(-1) ?? '' })
    })
  })
}
