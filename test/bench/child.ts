/** Child processes: each with a limit of time, killed when the bench ends before it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { remember } from './leftovers.ts'
import { cpuSeconds } from './proc.ts'

/** How a child ended. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly cpuSeconds: number
}

/** Runs a program to its end; throws when it fails or takes longer than the limit. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly limitSeconds: number; readonly what: string },
): Promise<Ended> {
  const child = spawn(command, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: Math.ceil(options.limitSeconds * 1000),
    killSignal: 'SIGKILL',
  })
  const forget = remember(async () => stopChild(child))
  let used = 0
  const watch = setInterval(() => {
    if (child.pid !== undefined && child.exitCode === null) used = usedBy(child.pid, used)
  }, 200)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    if (status === 0) return { stdout, stderr, cpuSeconds: used }
    const why = status === null ? `did not end within ${options.limitSeconds} s` : 'failed'
    throw new Error(`${options.what} ${why}:\n${(stderr + stdout).slice(-2000)}`)
  } finally {
    clearInterval(watch)
    await forget()
  }
}

/** Ends a child: asks, then insists. */
export async function stopChild(child: ChildProcess, patienceMs = 0): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(patienceMs > 0 ? 'SIGTERM' : 'SIGKILL')
  const insist = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await gone
  clearTimeout(insist)
}

function usedBy(pid: number, before: number): number {
  try {
    return cpuSeconds([pid])
  } catch {
    return before // it has just ended
  }
}
