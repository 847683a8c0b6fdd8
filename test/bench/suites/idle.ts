/** What a cluster costs that does nothing: memory of each node, processor of all. Linux only (/proc). */
import { setTimeout as pause } from 'node:timers/promises'
import { cpuSeconds, residentMiB } from '../proc.ts'
import { type Row } from '../row.ts'
import { startTemporaryCluster } from '../../processes/temporary-cluster.ts'

/** Resident memory a node and the share of one core for all three, 60 s after ready. */
export async function idle({ isQuick }: { readonly isQuick: boolean }): Promise<readonly Row[]> {
  await using running = await startTemporaryCluster()
  const pids = running.status.nodes.flatMap(({ pid }) => pid ?? [])
  const settleMs = isQuick ? 10_000 : 60_000
  const watchMs = isQuick ? 5000 : 20_000
  await pause(settleMs)
  const before = cpuSeconds(pids)
  await pause(watchMs)
  const spent = cpuSeconds(pids) - before
  const resident = pids.map(residentMiB)
  return [
    {
      name: 'idle: resident memory, largest node',
      value: Math.max(...resident),
      unit: 'MiB',
      atMost: 130,
    },
    {
      name: 'idle: processor, all three nodes',
      value: (spent / (watchMs / 1000)) * 100,
      unit: '%',
      atMost: 2,
    },
  ]
}
