import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemFileStore } from '../../../../src/edge/system/system-file-store.ts'

let root = ''
const files = systemFileStore()

beforeAll(async () => {
  root = await fs.mkdtemp(path.join(os.tmpdir(), 'sluice-lock-'))
})

afterAll(async () => {
  await fs.rm(root, { recursive: true, force: true })
})

/** A process of its own that takes the lock of a directory and then hangs. */
async function holderOf(directory: string): Promise<ChildProcess> {
  const store = new URL('../../../../src/edge/system/system-file-store.ts', import.meta.url).href
  const program = `
    import { systemFileStore } from ${JSON.stringify(store)}
    await systemFileStore().lock(${JSON.stringify(directory)})
    process.stdout.write('locked')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

test('a lock of another process is refused, and ends with that process however it ends', async () => {
  const directory = path.join(root, 'a')
  await fs.mkdir(directory)
  const child = await holderOf(directory)
  await expect(files.lock(directory)).rejects.toMatchObject({
    code: 'locked',
    message: expect.stringContaining(String(child.pid)) as string,
  })
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await files.lock(directory)).release()
})

test('a lock file whose pid now belongs to another process holds nothing', async () => {
  const directory = path.join(root, 'b')
  await fs.mkdir(directory)
  await fs.writeFile(path.join(directory, 'LOCK'), `${process.ppid} 12345@an-earlier-boot x\n`)
  const lock = await files.lock(directory)
  await expect(files.lock(directory)).rejects.toMatchObject({ code: 'locked' })
  await lock.release()
  expect(await fs.readdir(directory)).toEqual([])
})

test('a garbled lock file holds nothing', async () => {
  const directory = path.join(root, 'c')
  await fs.mkdir(directory)
  await fs.writeFile(path.join(directory, 'LOCK'), '')
  await (await files.lock(directory)).release()
})

test('of many that find a stale lock at once, one takes it', async () => {
  const directory = path.join(root, 'd')
  await fs.mkdir(directory)
  await fs.writeFile(path.join(directory, 'LOCK'), '999999999 1@x y\n')
  const tries = await Promise.allSettled(
    Array.from({ length: 5 }, async () => files.lock(directory)),
  )
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a full file system is no-space, a directory opened as a file is denied', async () => {
  const full = await files.open('/dev/full', { mode: 'write' })
  await expect(full.write(0, [Uint8Array.of(1)])).rejects.toMatchObject({ code: 'no-space' })
  await full.close()
  await expect(files.open(root, { mode: 'write' })).rejects.toMatchObject({
    code: 'denied',
  })
})
