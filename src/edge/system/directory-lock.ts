/**
 * An exclusive hold on a directory that ends with the process, however it ends. Node has no `flock`,
 * so the lock file names its holder by pid and by the start time of that process: a pid that is
 * gone, or that belongs to a process started at another time, holds nothing.
 *
 * Two processes that find a stale lock at once must not both take it: the stale file is renamed away
 * and a new one linked into place, which fails if another was quicker. A fresh lock renamed by
 * mistake is put back. What this cannot see, a holder in another pid namespace on a shared volume,
 * LevelDB's own kernel lock refuses a moment later.
 */
import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { StorageFault } from '../../engine/ports/fault.ts'
import { type DirectoryLock } from '../../engine/ports/file-store.ts'
import { faulting, systemCodeOf } from './file-fault.ts'

const lockName = 'LOCK'
const tryCountMax = 8
/** Directories locked by this very process: the lock file alone cannot tell two holders in it apart. */
const heldHere = new Set<string>()

interface Holder {
  readonly pid: number
  readonly startedAt: string
}

/** Takes the lock, or rejects with `locked`, naming the holder. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const real = await faulting(`lock ${directory}`, async () => fs.realpath(directory))
  if (heldHere.has(real)) throw locked(directory, process.pid)
  heldHere.add(real)
  try {
    await faulting(`lock ${directory}`, async () => take(real))
  } catch (cause) {
    heldHere.delete(real)
    throw cause
  }
  return {
    release: async () => {
      if (!heldHere.has(real)) return
      await faulting(`unlock ${directory}`, async () =>
        fs.rm(path.join(real, lockName), { force: true }),
      )
      heldHere.delete(real)
    },
  }
}

async function take(directory: string): Promise<void> {
  const file = path.join(directory, lockName)
  const mine = `${process.pid} ${await startTimeOf(process.pid)} ${randomUUID()}\n`
  for (let count = 0; count < tryCountMax; count++) {
    if (await created(file, mine)) return
    const found = await contentOf(file)
    if (found === undefined) continue
    const holder = holderIn(found)
    if (holder !== undefined && (await isAlive(holder))) throw locked(directory, holder.pid)
    await setAside(file, found)
  }
  throw new StorageFault('locked', `${directory} is being taken by other processes`)
}

/** The file appears with its content in it: a reader never finds it half written. */
async function created(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`
  await fs.writeFile(draft, content, { flag: 'wx' })
  try {
    await fs.link(draft, file)
    return true
  } catch (cause) {
    if (systemCodeOf(cause) === 'EEXIST') return false
    throw cause
  } finally {
    await fs.rm(draft, { force: true })
  }
}

/** Moves a stale lock away; if a fresh one was moved by mistake, it is put back. */
async function setAside(file: string, stale: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  try {
    await fs.rename(file, aside)
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return
    throw cause
  }
  if ((await contentOf(aside)) !== stale) await fs.link(aside, file).catch(() => undefined)
  await fs.rm(aside, { force: true })
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8')
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return undefined
    throw cause
  }
}

function holderIn(content: string): Holder | undefined {
  const [pid = '', startedAt = ''] = content.trim().split(' ')
  return /^[1-9][0-9]*$/.test(pid) && startedAt !== '' ? { pid: Number(pid), startedAt } : undefined
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0)
  } catch (cause) {
    if (systemCodeOf(cause) === 'ESRCH') return false
  }
  const startedAt = await startTimeOf(holder.pid)
  return startedAt === '?' || holder.startedAt === '?' || startedAt === holder.startedAt
}

/** Start of a process, as clock ticks of this boot with the boot's id; `?` where the system does not tell. */
async function startTimeOf(pid: number): Promise<string> {
  try {
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8')
    const boot = await fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended; its parent only has not looked yet.
    const state = fields[0] === 'Z' ? 'ended-' : ''
    return `${state}${fields[19] ?? '?'}@${boot.trim()}`
  } catch {
    return '?'
  }
}

function locked(directory: string, pid: number): StorageFault {
  return new StorageFault('locked', `${directory} is in use by process ${pid}`)
}
