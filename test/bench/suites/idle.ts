/** What a cluster costs that does nothing: memory of each node, processor of all. Linux only (/proc). */
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { type Row } from '../row.ts'
import { startTemporaryCluster } from '../../processes/temporary-cluster.ts'

const clockTicksPerSecond = 100

/** Resident memory a node and the share of one core for all three, 60 s after ready. */
export async function idle({ isQuick }: { readonly isQuick: boolean }): Promise<readonly Row[]> {
  await using running = await startTemporaryCluster()
  const pids = running.status.nodes.flatMap(({ pid }) => pid ?? [])
  const settleMs = isQuick ? 10_000 : 60_000
  const watchMs = isQuick ? 5000 : 20_000
  await pause(settleMs)
  const before = await Promise.all(pids.map(cpuSeconds))
  await pause(watchMs)
  const after = await Promise.all(pids.map(cpuSeconds))
  const resident = await Promise.all(pids.map(residentMiB))
  const spent = sum(after) - sum(before)
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

async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond
}

async function residentMiB(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) / 1024
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
