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

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    'first-seed': { type: 'string' },
    scenario: { type: 'string' },
    mutants: { type: 'boolean' },
    log: { type: 'boolean' },
  },
})

process.exitCode = await main()

async function main(): Promise<number> {
  if (values.mutants === true) return runMutants()
  const { scenarios, scenarioNames } = await import('../src/sim/scenarios.ts')
  const names = scenarioNames.filter((name) => name === (values.scenario ?? name))
  if (names.length === 0) {
    console.error(
      `no scenario ${String(values.scenario)}: it is one of ${scenarioNames.join(', ')}`,
    )
    return 2
  }
  const lines: string[] = []
  for (const name of names) {
    const { line, isGood } = await runScenario(name, scenarios[name])
    lines.push(line)
    if (!isGood) {
      console.log(line)
      return 1
    }
    if (names.length > 1) console.log(line)
  }
  console.log(names.length > 1 ? `sim: ${names.join(', ')}: no violation` : (lines[0] ?? ''))
  return 0
}

async function runScenario(
  name: Scenario,
  runSeed: RunSeed,
): Promise<{ readonly line: string; readonly isGood: boolean }> {
  const { runSeeds } = await import('../src/sim/run-seeds.ts')
  const single = numberOf(values.seed)
  const firstSeed = single ?? numberOf(values['first-seed']) ?? 1
  const seedCount = single === undefined ? (numberOf(values.seeds) ?? 100) : 1
  const startedAtMs = performance.now()
  const verdict = await runSeeds(runSeed, { firstSeed, seedCount }, openSimHost())
  const seconds = (performance.now() - startedAtMs) / 1000
  if (verdict.broken !== undefined) report(name, verdict.broken)
  return { line: lineOf(name, verdict, seconds), isGood: verdict.broken === undefined }
}

function lineOf(name: Scenario, verdict: SeedsVerdict, seconds: number): string {
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

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`not a whole number: ${text}`)
}
