/**
 * `npm run crash`: storage processes on real files that are killed, and lose their power, again and
 * again. The last line is the verdict; the exit status is 1 when something was lost, and then the
 * seed and the command that repeats it stand above.
 *
 *   npm run crash -- [--cycles 1000] [--seed X]
 */
import { parseArgs } from 'node:util'
import { crashCycles, lineOf } from '../test/crash/crash-cycles.ts'

process.exitCode = await main()

async function main(): Promise<number> {
  let values: { readonly cycles: string; readonly seed: string }
  try {
    values = parseArgs({
      options: {
        cycles: { type: 'string', default: '1000' },
        seed: { type: 'string', default: String(Date.now() % 1e9) },
      },
    }).values
  } catch (cause) {
    console.error(`crash: ${cause instanceof Error ? cause.message : String(cause)}`)
    return 2
  }
  const { cycles, seed } = values
  if (!/^[1-9]\d{0,8}$/.test(cycles)) {
    console.error(`crash: --cycles takes a whole number from 1 on, not '${cycles}'.`)
    return 2
  }
  const verdict = await crashCycles({ seed, cycleCount: Number(cycles) }, (line) => {
    console.log(line)
  })
  console.log(lineOf(verdict))
  return verdict.broken === undefined ? 0 : 1
}
