/**
 * Cases on both sides by turns (A B A B …) in one sitting: a ratio a pair, the median quoted with the
 * least and the greatest. Above 1 we are better, latencies included (theirs ÷ ours).
 *
 * The side that is not measured stays up and idle. It is not stopped (SIGSTOP): a cluster that wakes
 * up has missed heartbeats and elections, and would spend the next seconds on those. What the idle
 * side used of the processor during the other's runs is printed.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { run } from '../child.ts'
import { KafkaCluster } from '../kafka/kafka-cluster.ts'
import { type LoadResult } from '../load/spec.ts'
import { cpuSeconds } from '../proc.ts'
import { median, type Row } from '../row.ts'
import { type Case, type Figure } from './cases.ts'
import { lineOf, ownRow, valueOf } from './figures.ts'
import { Floors } from './floors.ts'
import { kafkaProducerProperties, kafkaTopicConfig, startKafka } from './kafka-side.ts'
import { type Side, type Timing } from './side.ts'
import { sluiceProducerOptions, sluiceTopicConfig, startSluice } from './sluice-side.ts'

/** How a comparison is run. */
export interface VersusOptions {
  readonly pairs: number
  readonly timing: Timing
  /** Load on both clusters before anything is measured: the JVM compiles what is hot. */
  readonly brokerWarmUpSeconds: number
  /** Length of a floor's measurement. */
  readonly floorSeconds: number
}

interface Pair {
  readonly ours: LoadResult
  readonly theirs: LoadResult
}

const settleMs = 500

/** Rows of all cases, clusters of one size after those of the other. */
export async function versusKafka(
  chosen: readonly Case[],
  options: VersusOptions,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const floors = new Floors(options.floorSeconds)
  await floors.measureFor(chosen)
  for (const nodeCount of [1, 3] as const) {
    const here = chosen.filter((load) => load.nodeCount === nodeCount)
    if (here.length === 0) continue
    describe(nodeCount)
    const ours = await startSluice(nodeCount)
    const theirs = await startKafka(nodeCount)
    try {
      await warmUp([ours, theirs], here, options)
      for (const load of here) {
        rows.push(...(await compare(load, { ours, theirs, floors }, options).catch(failed(load))))
      }
    } finally {
      await ours.close()
      await theirs.close()
    }
  }
  return rows
}

/** A case that fails leaves the others their turn. */
function failed(load: Case): (cause: unknown) => readonly Row[] {
  return (cause) => {
    note(`${load.name} failed: ${cause instanceof Error ? cause.message : String(cause)}`)
    process.exitCode = 1
    return []
  }
}

function describe(nodeCount: number): void {
  note(
    `Sluice, ${nodeCount} node(s), node ${process.version}, default settings (sluice cluster up)`,
  )
  for (const line of KafkaCluster.describe(nodeCount)) note(line)
}

async function warmUp(
  sides: readonly Side[],
  here: readonly Case[],
  options: VersusOptions,
): Promise<void> {
  const load = here.find(({ work }) => work.type === 'produce')
  if (load === undefined || options.brokerWarmUpSeconds === 0) return
  const timing = { ...options.timing, warmUpSeconds: options.brokerWarmUpSeconds / 2 }
  note(`warming up with ${load.name} for about ${options.brokerWarmUpSeconds} s a side`)
  for (const side of sides) await side.prepare(load, timing)
}

async function compare(
  load: Case,
  { ours, theirs, floors }: { readonly ours: Side; readonly theirs: Side; readonly floors: Floors },
  options: VersusOptions,
): Promise<readonly Row[]> {
  note(`${load.name}: ${load.title}`)
  note(
    `  Sluice topic ${print(sluiceTopicConfig(load))} producer ${print(sluiceProducerOptions(load))}`,
  )
  note(
    `  Kafka topic ${kafkaTopicConfig(load).join(' ')} producer ${kafkaProducerProperties(load).join(' ')}`,
  )
  const { timing } = options
  const pairs: Pair[] = []
  try {
    await ours.prepare(load, timing)
    await theirs.prepare(load, timing)
    for (let pair = 0; pair < options.pairs; pair++) {
      const a = await alone(ours, theirs, { load, timing })
      const b = await alone(theirs, ours, { load, timing })
      pairs.push({ ours: a, theirs: b })
    }
  } finally {
    await ours.finish(load).catch(() => undefined) // it may not have come to be
    await theirs.finish(load).catch(() => undefined)
  }
  return Object.entries(load.goals).map(([figure, goal]) =>
    rowOf(load, figure as Figure, { pairs, goal, floors }),
  )
}

/** One side's run, with the other idle and no dirty pages left by it. */
async function alone(
  side: Side,
  idle: Side,
  measure: { readonly load: Case; readonly timing: Timing },
): Promise<LoadResult> {
  await run('sync', [], { limitSeconds: 120, what: 'sync' })
  await pause(settleMs)
  const before = cpuSeconds(idle.pids)
  const startedAtMs = performance.now()
  const { load, timing } = measure
  const result = await side.measure(load, timing)
  const idleSeconds = cpuSeconds(idle.pids) - before
  const seconds = (performance.now() - startedAtMs) / 1000
  const idleShare = `idle side ${((100 * idleSeconds) / seconds).toFixed(1)} % of a core`
  note(`  ${side.name}: ${lineOf(load, result)}, ${idleShare}`)
  return result
}

function rowOf(
  load: Case,
  figure: Figure,
  { pairs, goal, floors }: { pairs: readonly Pair[]; goal: number; floors: Floors },
): Row {
  const ratios = pairs
    .map(({ ours, theirs }) => {
      const [a, b] = [valueOf(ours, figure), valueOf(theirs, figure)]
      return figure === 'rate' ? a / b : b / a
    })
    .sort((a, b) => a - b)
  const value = median(pairs.map(({ ours }) => valueOf(ours, figure)))
  return {
    ...ownRow(load, figure, value),
    baseline: median(pairs.map(({ theirs }) => valueOf(theirs, figure))),
    ratio: median(ratios),
    ratioMin: ratios[0] ?? Number.NaN,
    ratioMax: ratios.at(-1) ?? Number.NaN,
    goal,
    ...(figure === 'rate' && floors.shareOf(load, value)),
  }
}

function print(settings: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(settings)
  return entries.length === 0
    ? 'defaults'
    : entries.map(([key, value]) => `${key}=${String(value)}`).join(' ')
}

function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
