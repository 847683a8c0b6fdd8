/**
 * Opening a log directory after `kill -9` in the middle of appends: 5 GB in 1 000 logs, checked against
 * the list of what was acknowledged; in the same boot, and as after a power loss.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { median, type Row } from '../row.ts'

const program = new URL('../recovery-process.ts', import.meta.url).pathname
const logCount = 1000

interface Opened {
  readonly openMs: number
  readonly cpuMs: number
  readonly lost: number
}

/** How long opening takes, and how many acknowledged records are missing then. */
export async function recovery({
  isQuick,
}: {
  readonly isQuick: boolean
}): Promise<readonly Row[]> {
  const parent = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const gigabytes = isQuick ? 0.2 : 5
  const where = [join(parent, 'data'), join(parent, 'acks')]
  try {
    await fill([...where, String(logCount), String(gigabytes * 1e9)])
    const killed: Opened[] = []
    for (let left = isQuick ? 1 : 5; left > 0; left--) killed.push(await open([...where, 'fill']))
    const lostPower = await open([...where, 'another'])
    const name = `recovery: ${gigabytes} GB in ${logCount} logs`
    const lost = [...killed, lostPower].reduce((sum, opened) => sum + opened.lost, 0)
    const openMs = median(killed.map((opened) => opened.openMs))
    const cpuMs = median(killed.map((opened) => opened.cpuMs))
    return [
      { name: `${name}, open after kill -9`, value: openMs, unit: 'ms', atMost: 1000 },
      { name: `${name}, CPU of it`, value: cpuMs, unit: 'ms' },
      { name: `${name}, open in another boot`, value: lostPower.openMs, unit: 'ms', atMost: 1000 },
      { name: `${name}, acknowledged and lost`, value: lost, unit: 'records', atMost: 0 },
    ]
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}

/** Appends until enough is acknowledged, then kills the writer in the middle of it. */
async function fill(words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [program, 'fill', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.stdout.once('data', () => {
    child.kill('SIGKILL')
  })
  await ended
}

async function open(words: readonly string[]): Promise<Opened> {
  // It ends itself with SIGKILL, so that the next open finds as much to do.
  const output = await promisify(execFile)(process.execPath, [program, 'open', ...words]).catch(
    (cause: unknown) => cause as { readonly stdout: string },
  )
  return JSON.parse(output.stdout) as Opened
}
