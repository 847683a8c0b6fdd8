/** What Linux says of a process (/proc): the CPU time it used, the memory it holds. */
import { readFileSync } from 'node:fs'

const clockTicksPerSecond = 100

/** CPU seconds of some processes since their start, all threads. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((total, pid) => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return total + (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond
  }, 0)
}

/** Resident memory of a process. */
export function residentMiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) / 1024
}
