/** The shim and what is made of its notes: each call, unsynced and synced, and what a power loss leaves. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf, utf8 } from '../../src/base/bytes.ts'
import { seededRandom } from '../../src/base/random.ts'
import { levelStores } from '../../src/edge/leveldb/level-stores.ts'
import { compile, compiler } from './power-loss/compile.ts'
import { losePower, type PowerLoss } from './power-loss/lose-power.ts'

const old = 'a'.repeat(8192)
const calls = {
  bytes: [
    'write',
    'append',
    'pwrite',
    'writev',
    'pwritev',
    'pwritev2',
    'ftruncate',
    'truncate',
  ].concat(['longer', 'fallocate', 'posix_fallocate', 'empty', 'stdio']),
  durable: ['dsync', 'pwritev2-dsync'],
  creations: ['open', 'openat', 'creat', 'stdio-new'],
  removals: ['unlink', 'unlinkat', 'remove'],
  renames: ['rename', 'renameat'],
}

describe.skipIf(compiler === undefined)('the power-loss shim (needs a C compiler)', () => {
  let base = ''
  let shim = ''
  let probe = ''

  beforeAll(() => {
    base = mkdtempSync(path.join(tmpdir(), 'sluice-shim-'))
    shim = compile('shim.c', base)
    probe = compile('probe.c', base)
  })

  afterAll(() => {
    rmSync(base, { recursive: true, force: true })
  })

  /** Where one file is worked on, without and with a sync; the power goes afterwards. */
  function after(
    call: string,
    how: Pick<PowerLoss, 'bytes' | 'names'>,
    begin: (root: string) => void,
  ): string {
    const at = mkdtempSync(path.join(base, 'case-'))
    const root = path.join(at, 'root')
    const notes = path.join(at, 'notes')
    mkdirSync(root)
    mkdirSync(path.join(notes, 'kept'), { recursive: true })
    begin(root)
    const command: readonly string[] = call.startsWith('node ')
      ? [process.execPath, path.join(import.meta.dirname, 'power-loss/probe-node.ts'), root]
      : [probe, call, path.join(root, 'file'), path.join(root, 'other')]
    execFileSync(command[0] ?? '', command.slice(1), {
      env: {
        LD_PRELOAD: shim,
        SLUICE_POWER_ROOT: root,
        SLUICE_POWER_NOTES: notes,
        UV_USE_IO_URING: '0',
      },
    })
    losePower({ root, notes, journaled: ['table'], random: seededRandom('probe'), ...how })
    return root
  }

  const withFile = (root: string): void => {
    writeFileSync(path.join(root, 'file'), old)
  }
  const withBoth = (root: string): void => {
    withFile(root)
    writeFileSync(path.join(root, 'other'), 'other')
  }
  const read = (root: string, name = 'file'): string | undefined => {
    const at = path.join(root, name)
    return existsSync(at) ? readFileSync(at, 'utf8') : undefined
  }
  const none = { bytes: 'none', names: 'none' } as const
  const all = { bytes: 'all', names: 'all' } as const

  test.each(calls.bytes)('%s: gone without a sync, there with one', (call) => {
    expect(read(after(call, none, withFile))).toBe(old)
    const whole = read(after(call, all, withFile))
    expect(whole).not.toBe(old)
    expect(read(after(`${call}+sync`, none, withFile))).toBe(whole)
  })

  test.each(calls.durable)('%s: there without a sync', (call) => {
    expect(read(after(call, none, withFile))).toBe(`${'a'.repeat(3000)}${'b'.repeat(6000)}`)
  })

  test.each(calls.creations)('%s: a new name is gone until its directory is synced', (call) => {
    const nothing = (): void => undefined
    expect(read(after(call, none, nothing))).toBeUndefined()
    expect(read(after(`${call}+sync`, none, nothing))).toBeDefined()
  })

  test.each(calls.removals)('%s: the file is back until its directory is synced', (call) => {
    expect(read(after(call, none, withFile))).toBe(old)
    expect(read(after(`${call}+sync`, none, withFile))).toBeUndefined()
  })

  test.each(calls.renames)('%s: both names are back until the directory is synced', (call) => {
    const lost = after(call, none, withBoth)
    expect([read(lost), read(lost, 'other')]).toEqual([old, 'other'])
    const kept = after(`${call}+sync`, none, withBoth)
    expect([read(kept), read(kept, 'other')]).toEqual([undefined, old])
  })

  test('a torn write leaves whole sectors of the old and of the new bytes', () => {
    const torn = read(after('pwrite', { bytes: 'sectors', names: 'all' }, withFile)) ?? ''
    const sectors = Array.from({ length: 16 }, (_, index) =>
      torn.slice(index * 512, index * 512 + 512),
    )
    // The write covers the bytes from 3000 to 9000: the sectors from the sixth on are all its own.
    expect(new Set(sectors.slice(6).map((sector) => new Set(sector).size))).toEqual(new Set([1]))
    expect(torn).toContain('a')
    expect(torn).toContain('b')
  })

  test('Node and LevelDB make no call that the shim does not see', async () => {
    const made = after('node ', none, (root) => {
      for (const name of ['table', 'files']) mkdirSync(path.join(root, name))
      writeFileSync(path.join(root, 'files', 'there'), old)
      writeFileSync(path.join(root, 'files', 'doomed'), old)
      writeFileSync(path.join(root, 'files', 'old-name'), old)
    })
    const names = ['there', 'doomed', 'old-name', 'new-name', 'created']
    const left = names.map((name) => read(made, `files/${name}`))
    expect(left).toEqual([old, old, old, undefined, undefined])
    const synced = readFileSync(path.join(made, 'files/durable'), 'utf8')
    expect(synced).toBe('ccc')
    const store = await levelStores().open(path.join(made, 'table'), { create: false })
    const kept = await store.get(utf8('synced'))
    expect(kept !== undefined && textOf(kept)).toBe('synced')
    expect(await store.get(utf8('not synced'))).toBeUndefined()
    await store.close()
  })
})
