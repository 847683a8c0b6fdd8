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
import { kafkaProducerProperties, kafkaTopicConfig, startKafka } from './kafka-side.ts'
import { type Side, type Timing } from './side.ts'
import { sluiceProducerOptions, sluiceTopicConfig, startSluice } from './sluice-side.ts'

/** How a comparison is run. */
export interface VersusOptions {
  readonly pairs: number
  readonly timing: Timing
  /** Load on both clusters before anything is measured: the JVM compiles what is hot. */
  readonly brokerWarmUpSeconds: number
  /** Shares of a floor, by the name of the case. */
  readonly floors: ReadonlyMap<string, number>
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
  for (const nodeCount of [1, 3] as const) {
    const here = chosen.filter((load) => load.nodeCount === nodeCount)
    if (here.length === 0) continue
    describe(nodeCount)
    const ours = await startSluice(nodeCount)
    const theirs = await startKafka(nodeCount)
    try {
      await warmUp([ours, theirs], here, options)
      for (const load of here) {
        rows.push(...(await compare(load, { ours, theirs }, options).catch(failed(load))))
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
  { ours, theirs }: { readonly ours: Side; readonly theirs: Side },
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
    rowOf(load, figure as Figure, { pairs, goal, floors: options.floors }),
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
  const { latency } = result
  const figures = [
    `${Math.round(result.recordsPerSecond)} rec/s`,
    ...(latency === undefined
      ? []
      : [
          `mean ${latency.meanMs.toFixed(2)} p50 ${latency.p50Ms.toFixed(2)} p99 ${latency.p99Ms.toFixed(2)} ms`,
        ]),
    `CPU s/GB client ${perGigabyte(load, result, result.clientCpuSeconds)} brokers ${perGigabyte(load, result, result.brokerCpuSeconds)}`,
    `idle side ${((idleSeconds / seconds) * 100).toFixed(1)} % of a core`,
  ]
  note(`  ${side.name}: ${figures.join(', ')}`)
  return result
}

/** Kafka's tools do not say what their warm-up cost, so it is in their figure. */
function perGigabyte(load: Case, result: LoadResult, cpu: number): string {
  const gigabytes = (result.recordsPerSecond * result.seconds * load.work.recordBytes) / 1e9
  return (cpu / gigabytes).toFixed(2)
}

function rowOf(
  load: Case,
  figure: Figure,
  measured: {
    readonly pairs: readonly Pair[]
    readonly goal: number
    readonly floors: ReadonlyMap<string, number>
  },
): Row {
  const { pairs, goal, floors } = measured
  const ratios = pairs
    .map(({ ours, theirs }) => {
      const [a, b] = [valueOf(ours, figure), valueOf(theirs, figure)]
      return figure === 'rate' ? a / b : b / a
    })
    .sort((a, b) => a - b)
  const value = median(pairs.map(({ ours }) => valueOf(ours, figure)))
  const floor = figure === 'rate' ? floors.get(load.name) : undefined
  const { limits } = load
  return {
    name: figure === 'rate' ? load.title : `${load.title}, ${figure}`,
    value,
    unit: figure === 'rate' ? 'rec/s' : 'ms',
    baseline: median(pairs.map(({ theirs }) => valueOf(theirs, figure))),
    ratio: median(ratios),
    ratioMin: ratios[0] ?? Number.NaN,
    ratioMax: ratios.at(-1) ?? Number.NaN,
    goal,
    ...(floor !== undefined && { floorShare: value / floor }),
    ...(limits !== undefined && figure === 'rate' && { atLeast: limits.rateAtLeast }),
    ...(limits !== undefined && figure === 'p99' && { atMost: limits.p99AtMostMs }),
  }
}

function valueOf(result: LoadResult, figure: Figure): number {
  const { latency } = result
  switch (figure) {
    case 'rate':
      return result.recordsPerSecond
    case 'mean':
      return latency?.meanMs ?? Number.NaN
    case 'p50':
      return latency?.p50Ms ?? Number.NaN
    case 'p99':
      return latency?.p99Ms ?? Number.NaN
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
