/** Plants each bug into the workers of the crash cycles and looks whether the driver notices. */
import { crashCycles } from './crash-cycles.ts'
import { type CrashMutant } from './mutants.ts'

/** What became of one planted bug. */
export interface CrashFinding {
  readonly mutant: CrashMutant
  readonly isFound: boolean
  /** What gave it away, or how long it was looked for. */
  readonly evidence: string
}

/** Gives every bug the same seed and at most so many cycles, one after the other. */
export async function findCrashMutants(
  mutants: readonly CrashMutant[],
  cycleCount: number,
  onFinding: (finding: CrashFinding) => void = () => undefined,
): Promise<readonly CrashFinding[]> {
  const findings: CrashFinding[] = []
  for (const mutant of mutants) {
    const { broken, cycleCount: done } = await crashCycles({ seed: 'mutants', cycleCount, mutant })
    const evidence = broken?.violation?.split('\n')[0] ?? `nothing in ${done} cycles`
    // An edit that matches nothing, or a module that is not loaded, ends each worker by itself.
    const isPlanted = !evidence.includes('matches') && !evidence.includes('never loaded')
    const finding = { mutant, isFound: broken !== undefined && isPlanted, evidence }
    onFinding(finding)
    findings.push(finding)
  }
  return findings
}
