/**
 * `npm run sim`: seeds of the simulator. The last line is the verdict; the exit status is 1 when a
 * rule was broken, and then the seed and the command that replays it stand above.
 *
 *   npm run sim -- --seeds 1000 [--first-seed 1] [--scenario raft|storage|cluster]
 *   npm run sim -- --seed 17 --scenario cluster
 *   npm run sim -- --mutants
 */
import { parseArgs } from 'node:util'
import { openSimHost } from '../src/edge/system/sim-host.ts'
import { type SeedResult } from '../src/sim/seed-result.ts'
import { type RunSeed, type SeedsVerdict } from '../src/sim/run-seeds.ts'
import { type Scenario } from '../src/sim/scenarios.ts'

const logLinesShown = 60

interface Options {
  readonly seedCount: number
  readonly firstSeed: number
  readonly scenario: string | undefined
  readonly mutants: boolean
}

/** What the command line got wrong, as one sentence. */
class UsageError extends Error {}

process.exitCode = await main()

async function main(): Promise<number> {
  let options: Options
  try {
    options = readOptions()
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    console.error(`sim: ${cause.message}`)
    return 2
  }
  if (options.mutants) return runMutants()
  const { scenarios, scenarioNames } = await import('../src/sim/scenarios.ts')
  const names = scenarioNames.filter((name) => name === (options.scenario ?? name))
  if (names.length === 0) {
    console.error(
      `sim: There is no scenario '${options.scenario ?? ''}': it is one of ${scenarioNames.join(', ')}.`,
    )
    return 2
  }
  const verdicts: SeedsVerdict[] = []
  const startedAtMs = performance.now()
  for (const name of names) {
    const { verdict, line } = await runScenario(name, scenarios[name], options)
    console.log(line)
    if (verdict.broken !== undefined) return 1
    verdicts.push(verdict)
  }
  const seconds = (performance.now() - startedAtMs) / 1000
  if (names.length > 1) console.log(lineOf(names.join('+'), merged(verdicts), seconds))
  return 0
}

function readOptions(): Options {
  const config = {
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      'first-seed': { type: 'string' },
      scenario: { type: 'string' },
      mutants: { type: 'boolean' },
    },
  } as const
  let values: ReturnType<typeof parseArgs<typeof config>>['values']
  try {
    values = parseArgs(config).values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause))
  }
  const single = numberOf('--seed', values.seed)
  return {
    firstSeed: single ?? numberOf('--first-seed', values['first-seed']) ?? 1,
    seedCount: single === undefined ? (numberOf('--seeds', values.seeds) ?? 100) : 1,
    scenario: values.scenario,
    mutants: values.mutants === true,
  }
}

async function runScenario(
  name: Scenario,
  runSeed: RunSeed,
  { firstSeed, seedCount }: Options,
): Promise<{ readonly verdict: SeedsVerdict; readonly line: string }> {
  const { runSeeds } = await import('../src/sim/run-seeds.ts')
  const startedAtMs = performance.now()
  const verdict = await runSeeds(runSeed, { firstSeed, seedCount }, openSimHost())
  const seconds = (performance.now() - startedAtMs) / 1000
  if (verdict.broken !== undefined) report(name, verdict.broken)
  return { verdict, line: lineOf(name, verdict, seconds) }
}

/** The verdict over several scenarios of which none broke a rule. */
function merged(verdicts: readonly SeedsVerdict[]): SeedsVerdict {
  const counts: Record<string, number> = {}
  for (const verdict of verdicts)
    for (const [what, count] of Object.entries(verdict.counts))
      counts[what] = (counts[what] ?? 0) + count
  return {
    seedCount: verdicts.reduce((sum, verdict) => sum + verdict.seedCount, 0),
    eventCount: verdicts.reduce((sum, verdict) => sum + verdict.eventCount, 0),
    traceHash: verdicts.map((verdict) => verdict.traceHash).join('+'),
    counts,
  }
}

function lineOf(name: string, verdict: SeedsVerdict, seconds: number): string {
  const counts = Object.entries(verdict.counts).map(([what, count]) => `${what} ${count}`)
  const facts = [
    `${verdict.seedCount} seeds in ${seconds.toFixed(1)} s`,
    `${verdict.eventCount} events`,
    ...counts,
    `trace ${verdict.traceHash}`,
  ].join(', ')
  const { broken } = verdict
  return broken === undefined
    ? `sim ${name}: ${facts}: no violation`
    : `sim ${name}: ${facts}: seed ${broken.seed} violates ${broken.violations[0]?.rule ?? '?'}`
}

function report(name: Scenario, broken: SeedResult): void {
  for (const { atMs, node, level, event, fields } of broken.log.slice(-logLinesShown))
    console.log(`  ${atMs.toFixed(3)} ${node} ${level} ${event} ${textOf(fields)}`)
  for (const { rule, message } of broken.violations) console.log(`${rule}: ${message}`)
  console.log(`trace ${broken.traceHash}`)
  console.log(`replay: npm run sim -- --scenario ${name} --seed ${broken.seed}`)
}

function textOf(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Error ? (value.stack ?? value.message) : value,
  )
}

async function runMutants(): Promise<number> {
  const { findMutants } = await import('../test/sim/mutants/find-mutants.ts')
  const { mutants } = await import('../test/sim/mutants/all.ts')
  const startedAtMs = performance.now()
  const findings = await findMutants(mutants, (finding) => {
    console.log(`${finding.verdict.padEnd(10)} ${finding.mutant.name} (${finding.evidence})`)
  })
  const missed = findings.filter(({ verdict }) => verdict !== 'found')
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1)
  console.log(
    `sim mutants: ${findings.length - missed.length} of ${findings.length} found in ${seconds} s`,
  )
  return missed.length === 0 ? 0 : 1
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new UsageError(`${option} takes a whole number, not '${text}'.`)
}
