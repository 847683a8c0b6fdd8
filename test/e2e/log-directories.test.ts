/** Several log directories of a real node: listed, moved between, added to, and refused by name when one is wrong. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeDirOf } from '../../src/app/local-cluster/cluster-dir.ts'
import { configFileOf } from '../../src/app/local-cluster/node-process.ts'
import { type Ended, sluice } from '../processes/command.ts'
import { startTemporaryCluster, type TemporaryCluster } from '../processes/temporary-cluster.ts'

interface Described {
  readonly broker: number
  readonly directories: readonly {
    readonly path: string
    readonly state: string
    readonly logs: readonly { readonly topic: string; readonly isFuture: boolean }[]
  }[]
}

const disks = mkdtempSync(join(tmpdir(), 'sluice-disks-'))
const [first = '', second = '', third = ''] = ['one', 'two', 'three'].map((name) =>
  join(disks, name),
)
const lines = `${Array.from({ length: 2000 }, (_, index) => `record ${index}`).join('\n')}\n`
let running: TemporaryCluster

beforeAll(async () => {
  const set = [`log.dirs=${first},${second}`, 'log.dir.reserve.bytes=1048576']
  running = await startTemporaryCluster({ nodeCount: 1, set })
  expect((await on(['topic', 'create', 'orders', '--partitions', '1'])).status).toBe(0)
}, 100_000)

afterAll(async () => {
  await running[Symbol.asyncDispose]()
  rmSync(disks, { recursive: true, force: true })
})

async function on(args: readonly string[], input = ''): Promise<Ended> {
  return sluice([...args, '--bootstrap', running.bootstrap], { input })
}

async function describe(...args: readonly string[]): Promise<Described['directories']> {
  const { stdout } = await on(['logdirs', '--json', ...args])
  return (JSON.parse(stdout) as readonly Described[]).flatMap(({ directories }) => directories)
}

/** The directory that has the log of `orders` alone; undefined while it is on its way. */
async function home(): Promise<string | undefined> {
  const holders = (await describe('--topic', 'orders')).filter(({ logs }) => logs.length > 0)
  return holders.length === 1 ? holders[0]?.path : undefined
}

async function move(to: string, ...args: readonly string[]): Promise<Ended> {
  return on(['logdirs', 'move', 'orders-0', '--broker', '1', '--to', to, ...args])
}

async function moved(to: string): Promise<void> {
  const limitAtMs = performance.now() + 20_000
  while ((await home()) !== to) {
    expect(performance.now()).toBeLessThan(limitAtMs)
    await pause(50)
  }
}

/** Starts the node with these directories in the foreground; for those that it is to refuse. */
async function startWith(...paths: readonly string[]): Promise<Ended> {
  const config = configFileOf(nodeDirOf(running.dir, 1))
  return sluice(['start', '--config', config, '--set', `log.dirs=${paths.join(',')}`], {
    limitMs: 20_000,
  })
}

test('a log moves between directories there and back, its records stay', async () => {
  expect((await on(['produce', 'orders'], lines)).status).toBe(0)
  expect((await describe()).map(({ path, state }) => [path, state])).toEqual([
    [first, 'online'],
    [second, 'online'],
  ])
  const from = await home()
  const to = from === first ? second : first
  const told = await move(to)
  expect(told).toMatchObject({ status: 0, stderr: '' })
  expect(told.stdout).toMatch(`Moving orders-0 of broker 1 to ${to};`)
  await moved(to)
  expect((await on(['consume', 'orders'])).stdout).toBe(lines)

  const back = await move(from ?? '', '--json')
  expect(JSON.parse(back.stdout)).toEqual({ broker: 1, topic: 'orders', partition: 0, path: from })
  await moved(from ?? '')
  expect((await on(['produce', 'orders'], 'after\n')).status).toBe(0)
  expect((await on(['consume', 'orders'])).stdout).toBe(`${lines}after\n`)

  const table = (await on(['logdirs', '--broker', '1', '--topic', 'orders'])).stdout
  expect(table).toMatch(/^BROKER +PATH +STATE +FREE MB +TOTAL MB +LOG +MB +LAG\n/)
  expect(table).toMatch(/orders-0 +0\.\d +0 *\n/)
}, 60_000)

test.each([
  { args: ['--broker', '9'], status: 1, says: /no broker 9/i },
  { args: ['--broker', 'one'], status: 2, says: /--broker.*'one'/ },
  { args: ['--topic', 'nobody'], status: 1, says: /no topic nobody/ },
  { args: ['move', 'orders-0', '--broker', '9', '--to', first], status: 1, says: /broker 9/i },
  { args: ['move', 'orders-0', '--broker', '1', '--to', '/none'], status: 1, says: /\/none is not an open log directory of broker 1: it has \S+one, \S+two/ }, // prettier-ignore
  { args: ['move', 'nobody-0', '--broker', '1', '--to', first], status: 1, says: /no replica of nobody-0/ }, // prettier-ignore
  { args: ['move', 'orders-7', '--broker', '1', '--to', first], status: 1, says: /no replica of orders-7/ }, // prettier-ignore
  { args: ['move', 'orders-99999999999', '--broker', '1', '--to', first], status: 2, says: /99999999999/ }, // prettier-ignore
  { args: ['move', 'orders', '--broker', '1', '--to', first], status: 2, says: /TOPIC-PARTITION, not 'orders'/ }, // prettier-ignore
])('logdirs $args is refused in a sentence', async ({ args, status, says }) => {
  const refused = await on(['logdirs', ...args])
  expect(refused).toMatchObject({ status, stdout: '' })
  expect(refused.stderr).toMatch(says)
  expect(refused.stderr.trimEnd().split('\n')).toHaveLength(1)
})

test('a directory is added; one not formatted, gone or copied is refused by name', async () => {
  await running.cluster.stop(1)
  const unformatted = await startWith(first, second, third)
  expect(unformatted.status).toBe(1)
  expect(unformatted.stderr).toContain(`${third} is not formatted: run sluice format first`)

  const config = configFileOf(nodeDirOf(running.dir, 1))
  const both = `${first},${second}`
  writeFileSync(config, readFileSync(config, 'utf8').replace(both, `${both},${third}`))
  const plain = await sluice(['format', '--config', config, '--standalone'])
  expect(plain.status).toBe(1)
  expect(plain.stderr).toMatch(/is formatted already; nothing was changed/)
  const added = await sluice(['format', '--config', config, '--ignore-formatted', '--json'])
  expect(added).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(added.stdout)).toMatchObject({ data: { length: 3, 2: { path: third } } })

  const copy = join(disks, 'copy')
  cpSync(first, copy, { recursive: true })
  const copied = await startWith(first, second, third, copy)
  expect(copied.status).toBe(1)
  expect(copied.stderr).toContain(`${copy} is a copy of ${first}`)

  await running.cluster.start(1)
  expect((await describe()).map(({ path, state }) => [path, state])).toEqual([
    [first, 'online'],
    [second, 'online'],
    [third, 'online'],
  ])
  expect((await move(third)).status).toBe(0)
  await moved(third)
  expect((await on(['consume', 'orders'])).stdout).toBe(`${lines}after\n`)

  await running.cluster.stop(1)
  rmSync(second, { recursive: true })
  const gone = await startWith(first, second, third)
  expect(gone.status).toBe(1)
  expect(gone.stderr).toContain(`${second} is not formatted`)
}, 60_000)
