/** How long a user waits: for three nodes, for help, for a list of topics. */
import { sluice } from '../../processes/command.ts'
import { median, type Row } from '../row.ts'
import { startTemporaryCluster } from '../../processes/temporary-cluster.ts'

/** exec → ready of three nodes (formatted before), `--help`, `topic list`: medians. */
export async function startup({ isQuick }: { readonly isQuick: boolean }): Promise<readonly Row[]> {
  const trials = isQuick ? 2 : 5
  await using running = await startTemporaryCluster()
  const ready: number[] = []
  for (let trial = 0; trial < trials; trial += 1) {
    await running.cluster.down()
    const startedAtMs = performance.now()
    await running.cluster.up({ nodeCount: 3, isSplit: false, ports: 'auto', set: [] })
    ready.push(performance.now() - startedAtMs)
  }
  const help = await times(trials, ['--help'])
  const list = await times(trials, ['topic', 'list', '--bootstrap', running.bootstrap])
  return [
    { name: 'startup: exec to ready, three nodes', value: median(ready), unit: 'ms', atMost: 2000 },
    { name: 'startup: sluice --help', value: median(help), unit: 'ms', atMost: 300 },
    { name: 'startup: sluice topic list', value: median(list), unit: 'ms', atMost: 400 },
  ]
}

async function times(trials: number, args: readonly string[]): Promise<readonly number[]> {
  const taken: number[] = []
  for (let trial = 0; trial < trials; trial += 1) {
    const { status, stderr, elapsedMs } = await sluice(args)
    if (status !== 0) throw new Error(`sluice ${args.join(' ')}: ${stderr}`)
    taken.push(elapsedMs)
  }
  return taken
}
