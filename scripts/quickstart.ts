/**
 * `./scripts/quickstart`: the main job, seen with your own eyes. Exit status 1 if a record was lost,
 * duplicated or disordered. Leaves nothing running unless --keep.
 */
import { parseArgs } from 'node:util'
import { requireClusterOrEmpty } from '../src/app/local-cluster/cluster-dir.ts'
import { LocalCluster } from '../src/app/local-cluster/local-cluster.ts'
import { firstUsedPort, planNodes } from '../src/app/local-cluster/plan.ts'
import { readState } from '../src/app/local-cluster/state-file.ts'
import { complaintsOf, printReport } from './main-job/report.ts'
import { runMainJob } from './main-job/run.ts'

const { values } = parseArgs({
  options: {
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rate: { type: 'string', default: '10000' },
    dir: { type: 'string', default: '.sluice/quickstart' },
  },
})

async function main(): Promise<void> {
  const cluster = new LocalCluster(values.dir)
  await removeEarlier(cluster)
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onInterrupt)
  try {
    const report = await runMainJob({
      dir: values.dir,
      ports: await portsToUse(),
      recordsPerSecond: Number(values.rate),
      onProgress: showProgress,
    })
    showProgress('')
    const complaints = complaintsOf(report)
    if (values.json) process.stdout.write(`${JSON.stringify({ ...report, complaints })}\n`)
    else process.stdout.write(`${printReport(report)}\n\n${verdict(complaints)}\n`)
    process.exitCode = complaints.length === 0 ? 0 : 1
    if (values.keep) await sayHowToGoOn(cluster)
  } finally {
    if (!values.keep) await cluster.wipe().catch(() => undefined)
  }
}

function verdict(complaints: readonly string[]): string {
  if (complaints.length === 0)
    return 'Every acknowledged record is there, once and in order, although two leaders were killed.'
  return `FAILED: ${complaints.join('; ')}.`
}

/** What an interrupted run left behind; a directory with anything else in it is refused. */
async function removeEarlier(cluster: LocalCluster): Promise<void> {
  await requireClusterOrEmpty(values.dir)
  if ((await readState(values.dir)) !== undefined) await cluster.wipe()
  await requireClusterOrEmpty(values.dir)
}

/** The usual ports when they are free, so that --keep leaves a cluster that the commands find. */
async function portsToUse(): Promise<'default' | 'auto'> {
  const nodes = await planNodes({ nodeCount: 3, isSplit: false, ports: 'default' })
  return (await firstUsedPort(nodes)) === undefined ? 'default' : 'auto'
}

async function sayHowToGoOn(cluster: LocalCluster): Promise<void> {
  const { bootstrap } = await cluster.status()
  process.stderr.write(
    `The cluster is up at ${bootstrap}: npx sluice topic describe flights --bootstrap ${bootstrap}\n` +
      `Remove it with: npx sluice cluster wipe --dir ${values.dir}\n`,
  )
}

let shownAtMs = 0

function showProgress(text: string): void {
  const isTerminal = process.stderr.isTTY
  const nowMs = performance.now()
  const isDue = nowMs - shownAtMs > (isTerminal ? 100 : 2000)
  const isNews = !/^(\d+ %|read )/.test(text)
  if (!isDue && !isNews) return
  if (!isNews) shownAtMs = nowMs
  if (isTerminal) process.stderr.write(`\r\x1b[2K${text}${isNews && text !== '' ? '\n' : ''}`)
  else if (text !== '') process.stderr.write(`${text}\n`)
}

function onInterrupt(): void {
  new LocalCluster(values.dir)
    .wipe()
    .catch(() => undefined)
    .finally(() => process.exit(130))
}

await main().catch((cause: unknown) => {
  process.stderr.write(`\nquickstart: ${cause instanceof Error ? cause.message : String(cause)}\n`)
  process.exitCode = 1
})
