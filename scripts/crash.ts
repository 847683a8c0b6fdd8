/**
 * `npm run crash`: storage processes on real files that are killed, and lose their power, again and
 * again. The last line is the verdict; the exit status is 1 when something was lost, and then the
 * seed and the command that repeats it stand above.
 *
 *   npm run crash -- [--cycles 1000] [--seed X]
 *   npm run crash -- --mutants [--cycles 200]
 */
import { parseArgs } from 'node:util'
import { crashCycles, lineOf } from '../test/crash/crash-cycles.ts'
import { findCrashMutants } from '../test/crash/find-mutants.ts'
import { crashMutants } from '../test/crash/mutants.ts'

process.exitCode = await main()

async function main(): Promise<number> {
  let values: { readonly cycles?: string; readonly seed: string; readonly mutants: boolean }
  try {
    values = parseArgs({
      options: {
        cycles: { type: 'string' },
        mutants: { type: 'boolean', default: false },
        seed: { type: 'string', default: String(Date.now() % 1e9) },
      },
    }).values
  } catch (cause) {
    console.error(`crash: ${cause instanceof Error ? cause.message : String(cause)}`)
    return 2
  }
  const { seed, mutants } = values
  const cycles = values.cycles ?? (mutants ? '200' : '1000')
  if (!/^[1-9]\d{0,8}$/.test(cycles)) {
    console.error(`crash: --cycles takes a whole number from 1 on, not '${cycles}'.`)
    return 2
  }
  if (mutants) return findMutants(Number(cycles))
  const verdict = await crashCycles({ seed, cycleCount: Number(cycles) }, (line) => {
    console.log(line)
  })
  console.log(lineOf(verdict))
  return verdict.broken === undefined ? 0 : 1
}

async function findMutants(cycleCount: number): Promise<number> {
  const findings = await findCrashMutants(
    crashMutants,
    cycleCount,
    ({ mutant, isFound, evidence }) => {
      console.log(`${isFound ? 'found ' : 'missed'} ${mutant.name} (${evidence})`)
    },
  )
  const found = findings.filter(({ isFound }) => isFound).length
  console.log(`crash mutants: ${found} of ${findings.length} found`)
  return found === findings.length ? 0 : 1
}
