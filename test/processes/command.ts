/** Runs the `sluice` command as a user would. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const entry = fileURLToPath(new URL('../../scripts/entry/sluice.js', import.meta.url))

/** How a command ended. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMs: number
}

/** Starts `sluice` with arguments; resolves when it has ended. */
export async function sluice(
  args: readonly string[],
  options: {
    readonly input?: string | Uint8Array
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string>>
    readonly limitMs?: number
  } = {},
): Promise<Ended> {
  const startedAtMs = performance.now()
  const child = spawn(process.execPath, [entry, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    timeout: options.limitMs ?? 60_000,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => undefined) // it may end without reading
  child.stdin.end(options.input ?? '')
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { status, stdout, stderr, elapsedMs: performance.now() - startedAtMs }
}
