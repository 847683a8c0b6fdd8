/**
 * A full disk: the node says so, keeps serving reads, and takes writes again when space returns. The
 * disk is a small tmpfs, which only root may mount: elsewhere the simulator's disk has to do.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { LocalCluster } from '../../src/app/local-cluster/local-cluster.ts'
import { type Ended, sluice } from '../processes/command.ts'

const disk = mkdtempSync(join(tmpdir(), 'sluice-disk-'))
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', disk]).status === 0
const dir = join(disk, 'cluster')
const ballast = join(disk, 'ballast')

afterAll(async () => {
  await new LocalCluster(dir).wipe().catch(() => undefined)
  if (isMounted) spawnSync('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
})

test.runIf(isMounted)(
  'a full disk refuses writes, serves reads, and recovers when space returns',
  async () => {
    const shape = { nodeCount: 1, isSplit: false, ports: 'auto', set: [] } as const
    const { bootstrap } = await new LocalCluster(dir).up(shape)
    const on = async (args: readonly string[], input = ''): Promise<Ended> =>
      sluice([...args, '--bootstrap', bootstrap], { input })
    await on(['topic', 'create', 'kept', '--partitions', '1'])
    expect((await on(['produce', 'kept'], 'before\n')).status).toBe(0)

    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M'])
    const line = `${'x'.repeat(1000)}\n`
    const big = line.repeat(40_000)
    const refused = await on(['produce', 'kept', '--timeout', '8s', '--acks', 'all'], big)
    expect(refused.status).toBeGreaterThan(0)
    expect(refused.stderr).toMatch(/full|space/i)
    const acked = Number(/^(\d+) acknowledged/.exec(refused.stderr)?.[1])

    const read = await on(['consume', 'kept'])
    expect(read.status).toBe(0)
    expect(read.stdout.startsWith('before\n')).toBe(true)
    expect(read.stdout.split('\n').length - 1).toBeGreaterThanOrEqual(acked + 1)
    const log = await sluice(['cluster', 'logs', '1', '--dir', dir])
    expect(log.stdout).toMatch(/full|space/i)

    rmSync(ballast)
    const limitAtMs = performance.now() + 30_000
    let after = await on(['produce', 'kept', '--timeout', '2s'], 'after\n')
    while (after.status !== 0 && performance.now() < limitAtMs) {
      await pause(200)
      after = await on(['produce', 'kept', '--timeout', '2s'], 'after\n')
    }
    expect(after.status).toBe(0)
    expect((await on(['consume', 'kept'])).stdout).toMatch(/^before\n[\s\S]*after\n$/)
  },
  120_000,
)

test.runIf(!isMounted)('without a small disk nothing can be shown here', () => {
  expect(isMounted).toBe(false)
})

test('a full disk while formatting leaves a sentence', async () => {
  writeFileSync(join(tmpdir(), `sluice-not-a-folder-${process.pid}`), '')
  const inFile = join(tmpdir(), `sluice-not-a-folder-${process.pid}`, 'data')
  const args = ['--set', `log.dirs=${inFile}`, '--set', `metadata.log.dir=${inFile}-m`]
  const { status, stderr } = await sluice(['format', '--standalone', ...args])
  rmSync(join(tmpdir(), `sluice-not-a-folder-${process.pid}`))
  expect(status).toBe(1)
  expect(stderr).toMatch(/^sluice: .*sluice-not-a-folder/)
})
