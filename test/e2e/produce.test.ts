/** `sluice produce` and `sluice dev` where input, files or patience fail: nothing is altered, lost or removed in silence. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, serde } from '../../src/app/sdk/index.ts'
import { type Ended, sluice } from '../processes/command.ts'
import { startTemporaryCluster, type TemporaryCluster } from '../processes/temporary-cluster.ts'

const entry = join(import.meta.dirname, '../../scripts/entry/sluice.js')
const scratch = mkdtempSync(join(tmpdir(), 'sluice-produce-'))
let running: TemporaryCluster

beforeAll(async () => {
  running = await startTemporaryCluster({ nodeCount: 1 })
}, 100_000)

afterAll(async () => {
  await running[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

async function on(args: readonly string[], input: string | Uint8Array = ''): Promise<Ended> {
  return sluice([...args, '--bootstrap', running.bootstrap], { input })
}

async function topic(name: string): Promise<void> {
  const made = await on(['topic', 'create', name, '--partitions', '1', '--replication-factor', '1'])
  expect(made.status).toBe(0)
}

test('records are the bytes of the input, whatever these are', async () => {
  await topic('bytes')
  const odd = Buffer.concat([Buffer.from('k\r:a\u2028b\u2029c\r'), Buffer.of(0xff, 0xc3)])
  const input = Buffer.concat([odd, Buffer.from('\n\nlast')])
  expect((await on(['produce', 'bytes', '--key-separator', ':'], input)).status).toBe(0)
  await using client = new Client({ bootstrap: running.bootstrap })
  const key = serde.nullable(serde.bytes)
  await using consumer = client.consumer({ from: 'beginning' })
  const seen: (readonly [string | undefined, string])[] = []
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
  for await (const batch of consumer.batches(client.topic('bytes', { key, value: serde.bytes }))) {
    for (const record of batch)
      seen.push([record.key === undefined ? undefined : text(record.key), text(record.value)])
    if (seen.length >= 3) break
  }
  expect(seen).toEqual([
    ['k\r', text(odd.subarray(3))],
    [undefined, ''],
    [undefined, 'last'],
  ])
})

test('Ctrl-C ends a wait for input and still reports what was acknowledged', async () => {
  await topic('waiting')
  const acked = join(scratch, 'waiting.acked')
  const args = ['produce', 'waiting', '--acked-log', acked, '--bootstrap', running.bootstrap]
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.write('one\ntwo\n')
  await expect
    .poll(async () => (await on(['consume', 'waiting'])).stdout, { timeout: 20_000, interval: 50 })
    .toBe('one\ntwo\n')
  child.kill('SIGINT')
  await once(child, 'close')
  expect(child.exitCode).toBe(130)
  expect(stderr).toMatch(/^2 acknowledged, 0 failed/)
}, 60_000)

test('an input that cannot be read is named before anything is sent', async () => {
  await topic('whole')
  const file = join(scratch, 'good.txt')
  writeFileSync(file, 'a\n')
  for (const bad of [join(scratch, 'missing'), scratch]) {
    const refused = await on(['produce', 'whole', file, bad])
    expect(refused).toMatchObject({ status: 2, stdout: '' })
    expect(refused.stderr).toContain(bad)
  }
  expect((await on(['consume', 'whole'])).stdout).toBe('')
})

test('a failure is one JSON error with --json, and is told even with --quiet', async () => {
  const asJson = await on(['produce', 'nowhere', '--json'], 'a\n')
  expect(asJson.status).toBe(1)
  expect(JSON.parse(asJson.stderr)).toMatchObject({
    error: {
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      message: expect.stringMatching(/^1 failed with/) as unknown,
      isRetriable: expect.any(Boolean) as unknown,
    },
  })
  expect(JSON.parse(asJson.stdout)).toMatchObject({ acknowledged: 0, failed: 1 })
  const quiet = await on(['produce', 'nowhere', '--quiet'], 'a\n')
  expect(quiet).toMatchObject({ status: 1, stdout: '' })
  expect(quiet.stderr).toMatch(/^sluice: 1 failed with UNKNOWN_TOPIC_OR_PARTITION.*\n$/)
}, 60_000)

test('records that are not acknowledged within --timeout end with status 3', async () => {
  await topic('slow')
  await sluice(['cluster', 'pause', '1', '--dir', running.dir])
  const late = await on(['produce', 'slow', '--timeout', '1s', '--json'], 'a\n')
  await sluice(['cluster', 'resume', '1', '--dir', running.dir])
  expect(late.status).toBe(3)
  expect(JSON.parse(late.stderr)).toMatchObject({ error: { code: 'TIMED_OUT' } })
}, 60_000)

test('an audit log that cannot be is refused, one that fails is named', async () => {
  await topic('audited')
  const args = ['produce', 'audited', '--acked-log']
  expect(await on([...args, join(scratch, 'none'), '--acks', '0'], 'a\n')).toMatchObject({
    status: 2,
  })
  if (!existsSync('/dev/full')) return
  const full = await on([...args, '/dev/full'], 'a\n')
  expect(full.status).toBe(1)
  expect(full.stderr).toMatch(
    /^1 acknowledged.*\nsluice: The file \/dev\/full cannot be written: .*\n$/,
  )
})

test('sluice dev and cluster up leave directories alone that are not theirs', async () => {
  const dir = mkdtempSync(join(scratch, 'foreign-'))
  writeFileSync(join(dir, 'thesis.txt'), 'years of work')
  for (const args of [
    ['dev', '--fresh'],
    ['dev'],
    ['cluster', 'up'],
    ['cluster', 'wipe', '--yes'],
  ]) {
    const refused = await sluice([...args, '--dir', dir])
    expect(refused.status).toBeGreaterThan(0)
    expect(refused.stderr).toContain(dir)
    expect(readdirSync(dir)).toEqual(['thesis.txt'])
  }
}, 60_000)

test('a cluster that is up says so when asked for another number of nodes', async () => {
  const refused = await sluice(['cluster', 'up', '--nodes', '5', '--dir', running.dir])
  expect(refused.status).toBe(2)
  expect(refused.stderr).toMatch(/has 1 brokers, not 5/)
  expect((await sluice(['cluster', 'up', '--dir', running.dir])).status).toBe(0)
})
