/**
 * `npm run bench`: figures on real processes, one suite after the other, also beside Apache Kafka.
 * Run it on an idle machine: whatever else runs there is in the figures.
 */
import { parseArgs } from 'node:util'
import { aloneSuite } from './cases/alone.ts'
import { cases, type Case, ownRates } from './cases/cases.ts'
import { versusKafka } from './cases/versus.ts'
import { cleanUpOnSignals, removeLeftovers } from './leftovers.ts'
import { humanTable, markdownTable } from './report.ts'
import { plot } from './plot.ts'
import { type Row, type Suite } from './row.ts'
import { append } from './suites/append.ts'
import { compact } from './suites/compact.ts'
import { failover } from './suites/failover.ts'
import { floor } from './suites/floor.ts'
import { idle } from './suites/idle.ts'
import { fanout } from './suites/fanout.ts'
import { memory } from './suites/memory.ts'
import { partitions } from './suites/partitions.ts'
import { endurance } from './suites/endurance.ts'
import { recovery } from './suites/recovery.ts'
import { startup } from './suites/startup.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string' },
    case: { type: 'string', multiple: true, default: [] },
    pairs: { type: 'string' },
    seconds: { type: 'string' },
    minutes: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const ofProduce = (nodeCount: number): readonly Case[] =>
  cases.filter((load) => load.suite === 'produce' && load.nodeCount === nodeCount)
const ofSuite = (name: Case['suite']): readonly Case[] =>
  cases.filter(({ suite }) => suite === name)

const suites: Readonly<Record<string, Suite>> = {
  floor,
  append,
  compact,
  produce: aloneSuite(ofProduce(1)),
  consume: aloneSuite(ofSuite('consume')),
  latency: aloneSuite([...ownRates, ...ofSuite('latency')]),
  replicate: aloneSuite(ofProduce(3)),
  partitions,
  fanout,
  recovery,
  startup,
  memory,
  idle,
  failover,
  endurance: endurance(numberOf(values.minutes, 10)),
}
const versusSuites = [...new Set(cases.map(({ suite }) => suite))]

const help = `npm run bench -- [suite…] [options]

  suites             ${Object.keys(suites).join(', ')}; default: all but endurance
  --against kafka    the workloads of ${versusSuites.join(', ')} on Apache Kafka too, by turns
  --case NAME        with --against: only this one (may be repeated): ${cases.map(({ name }) => name).join(', ')}
  --pairs N          with --against: pairs of runs a case (default 3; quick 1)
  --seconds S        with --against: length of a measured run (default 8; quick 2)
  --minutes M        length of each part of endurance (default 10)
  --quick            seconds a suite: for trying it out, the figures do not count
  --json             rows as JSON: {name, value, unit, baseline?, ratio?, goal?, floorShare?}
  --markdown         rows as a Markdown table, with machine, date and command
  --help             this text

A ratio above 1 means that Sluice is better, latencies included. --against needs a JDK (17 or newer) and
Maven; Kafka is kept in $BENCH_KAFKA_CACHE (default ~/.cache/sluice-bench).
`

function usage(message: string): never {
  process.stderr.write(`bench: ${message}; try --help\n`)
  process.exit(2)
}

function numberOf(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  return value > 0 ? value : usage(`not a positive number: ${String(text)}`)
}

function chosenCases(): readonly Case[] {
  const named = values.case.map(
    (name) => cases.find((load) => load.name === name) ?? usage(`there is no case ${name}`),
  )
  if (named.length > 0) return named
  const stranger = positionals.find((name) => versusSuites.every((suite) => suite !== name))
  if (stranger !== undefined) usage(`suite ${stranger} has no side of Kafka's`)
  return cases.filter(({ suite }) => positionals.length === 0 || positionals.includes(suite))
}

async function against(): Promise<readonly Row[]> {
  if (values.against !== 'kafka') usage(`--against takes kafka, not ${values.against ?? ''}`)
  const isQuick = values.quick
  return versusKafka(chosenCases(), {
    pairs: numberOf(values.pairs, isQuick ? 1 : 3),
    timing: {
      warmUpSeconds: isQuick ? 2 : 4,
      seconds: numberOf(values.seconds, isQuick ? 2 : 8),
      countShare: isQuick ? 0.2 : 1,
    },
    brokerWarmUpSeconds: isQuick ? 0 : 40,
    floorSeconds: isQuick ? 0.5 : 4,
  })
}

async function alone(): Promise<readonly Row[]> {
  const chosen =
    positionals.length === 0
      ? Object.keys(suites).filter((name) => name !== 'endurance')
      : positionals
  const stranger = chosen.find((name) => suites[name] === undefined)
  if (stranger !== undefined) usage(`there is no suite ${stranger}`)
  const rows: Row[] = []
  for (const name of chosen) {
    process.stderr.write(`${name} …\n`)
    const measured = (await suites[name]?.({ isQuick: values.quick })) ?? []
    rows.push(...measured)
    if (!values.json && !values.markdown) process.stdout.write(humanTable(measured))
  }
  return rows
}

if (values.help) {
  process.stdout.write(help)
} else {
  cleanUpOnSignals()
  try {
    const rows = values.against === undefined ? await alone() : await against()
    const runName = values.against === undefined ? 'alone' : `against-${values.against}`
    for (const path of await plot(rows, runName)) process.stderr.write(`plot: ${path}\n`)
    if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
    else if (values.markdown) process.stdout.write(markdownTable(rows, process.argv.slice(2)))
    else if (values.against !== undefined) process.stdout.write(humanTable(rows))
  } finally {
    await removeLeftovers()
  }
}
