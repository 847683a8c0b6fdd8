/**
 * Long runs, `--minutes` of each: 1 000 logs with small batches on the engine alone, chosen evenly and
 * as Zipf's law has it; and a broker under a fixed rate while retention drops segments and the cleaner
 * compacts. What counts is the longest stall; the histograms go to stderr.
 */
import { Client } from '../../../src/app/sdk/index.ts'
import { startTemporaryCluster } from '../../processes/temporary-cluster.ts'
import { runLoad } from '../cases/sluice-side.ts'
import { type AppendLoad, runAppends } from '../engine/append-run.ts'
import { type LoadResult, type Work } from '../load/spec.ts'
import { type Row, type Suite } from '../row.ts'

const quickMinutes = 0.05
const mib = 1024 * 1024
const rate = { type: 'rate', recordBytes: 1024 } as const
/** Two topics at once; the segments are small, so that there is always something to drop or to clean. */
const topics: readonly {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly work: Work
}[] = [
  {
    name: 'retained',
    config: { 'retention.bytes': String(64 * mib), 'segment.bytes': String(8 * mib) },
    work: { ...rate, recordsPerSecond: 10_000 },
  },
  {
    name: 'compacted',
    config: { 'cleanup.policy': 'compact', 'segment.bytes': String(8 * mib) },
    work: { ...rate, recordsPerSecond: 5000, keyCount: 20_000 },
  },
]

/** The suite, each part so many minutes long. */
export function endurance(minutes: number): Suite {
  return async ({ isQuick }) => {
    const durationMs = (isQuick ? quickMinutes : minutes) * 60_000
    const rows: Row[] = []
    for (const choice of ['uniform', 'zipf'] as const) {
      rows.push(...(await manyLogs(choice, durationMs)))
    }
    return [...rows, ...(await upkeep(durationMs))]
  }
}

async function manyLogs(choice: AppendLoad['choice'], durationMs: number): Promise<readonly Row[]> {
  const name = `endurance: 1000 logs x 2 KiB, ack, ${choice}`
  const load = { name, logCount: 1000, batchBytes: 2048, outstanding: 256, flush: 'ack' } as const
  const { megabytesPerSecond, byTenth, latencies } = await runAppends(
    { ...load, choice },
    durationMs,
  )
  tell(`${name}, MB/s by tenths: ${byTenth.map(Math.round).join(' ')}`)
  tellHistogram(name, latencies.byPowerOfTwo())
  return [
    { name, value: megabytesPerSecond, unit: 'MB/s', atLeast: 150 },
    {
      name: `${name}, last tenth of the first`,
      value: last(byTenth),
      unit: 'MB/s',
      baseline: byTenth[0] ?? Number.NaN,
    },
    {
      name: `${name}, longest stall`,
      value: latencies.percentiles().maxMs,
      unit: 'ms',
      atMost: 150,
    },
  ]
}

async function upkeep(durationMs: number): Promise<readonly Row[]> {
  await using running = await startTemporaryCluster({ nodeCount: 1 })
  const { bootstrap, status } = running
  await using client = new Client({ bootstrap })
  for (const { name, config } of topics) {
    await client.admin.createTopic(name, { partitions: 6, config: { flush: 'ack', ...config } })
  }
  const brokerPids = status.nodes.flatMap(({ pid }) => pid ?? [])
  const spec = { bootstrap, brokerPids, warmUpSeconds: 2, seconds: durationMs / 1000 }
  const results = await Promise.all(
    topics.map(async ({ name, work }) => ({
      name,
      result: await runLoad({ ...spec, topic: name, work }),
    })),
  )
  return results.map(({ name, result }) => {
    const title = `endurance: ${name} topic at a fixed rate, longest stall`
    tellHistogram(title, result.histogram ?? [])
    return { name: title, value: result.latency?.maxMs ?? Number.NaN, unit: 'ms', atMost: 100 }
  })
}

function tellHistogram(name: string, buckets: NonNullable<LoadResult['histogram']>): void {
  const cells = buckets.map(({ atMostMs, count }) => `≤${atMostMs}: ${count}`)
  tell(`${name}, answers by ms: ${cells.join('  ')}`)
}

function tell(line: string): void {
  process.stderr.write(`  ${line}\n`)
}

function last(values: readonly number[]): number {
  return values.at(-1) ?? Number.NaN
}
