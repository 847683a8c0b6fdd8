/**
 * Bad input: each gets one clear sentence and the right exit status, and nothing is lost. Every test
 * ends with the same cluster still serving what it acknowledged.
 */
import { createConnection } from 'node:net'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Ended, sluice } from '../processes/command.ts'
import { startTemporaryCluster, type TemporaryCluster } from '../processes/temporary-cluster.ts'

let running: TemporaryCluster
const scratch = mkdtempSync(join(tmpdir(), 'sluice-bad-'))
const kept = Array.from({ length: 50 }, (_, index) => `kept ${index}`)

beforeAll(async () => {
  running = await startTemporaryCluster()
  await on(['topic', 'create', 'kept', '--partitions', '1'])
  await on(['produce', 'kept'], kept.join('\n'))
}, 100_000)

afterEach(async () => {
  expect((await on(['consume', 'kept'])).stdout).toBe(`${kept.join('\n')}\n`)
})

afterAll(async () => {
  await running[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

async function on(args: readonly string[], input = ''): Promise<Ended> {
  return sluice([...args, '--bootstrap', running.bootstrap], { input })
}

/** One sentence on stderr that says `what`, nothing on stdout, and the status. */
function expectRefusal(ended: Ended, status: number, what: RegExp): void {
  expect(ended.stderr).toMatch(what)
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(ended.stderr).toMatch(/^sluice: ([A-Z0-9'"/.-]|[a-z]+[.]).*[.!?)]\n$/)
  expect(ended).toMatchObject({ status, stdout: '' })
}

test('an unknown topic is named', async () => {
  expectRefusal(await on(['topic', 'describe', 'ghost']), 1, /ghost/)
  expectRefusal(await on(['topic', 'delete', 'ghost']), 1, /ghost/)
  expectRefusal(await on(['consume', 'ghost']), 1, /ghost/)
  const produced = await on(['produce', 'ghost'], 'lost?\n')
  expect(produced.status).toBe(1)
  expect(produced.stderr).toMatch(/1 failed with UNKNOWN_TOPIC_OR_PARTITION.*ghost/)
})

test('a failure with --json is one JSON error', async () => {
  const { stderr, status } = await on(['topic', 'describe', 'ghost', '--json'])
  expect(status).toBe(1)
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      message: expect.stringContaining('ghost') as unknown,
      isRetriable: expect.any(Boolean) as unknown,
    },
  })
})

test('a topic name with illegal characters is refused', async () => {
  for (const name of ['bad/name', 'ö', '..', 'a'.repeat(250)])
    expectRefusal(await on(['topic', 'create', name]), 1, /name/i)
})

test('zero or a billion partitions are refused', async () => {
  expectRefusal(await on(['topic', 'create', 'none', '--partitions', '0']), 1, /partition/i)
  expectRefusal(await on(['topic', 'create', 'all', '--partitions', '1000000000']), 1, /partition/i)
  expectRefusal(await on(['topic', 'create', 'x', '--partitions', 'six']), 2, /--partitions.*six/)
})

test('more replicas than brokers are refused', async () => {
  const refused = await on(['topic', 'create', 'wide', '--replication-factor', '4'])
  expectRefusal(refused, 1, /replica/i)
  expect((await on(['topic', 'list'])).stdout).not.toMatch(/wide/)
})

test('a record over max.message.bytes fails alone', async () => {
  await on(['topic', 'create', 'small', '--partitions', '1', '--config', 'max.message.bytes=2000'])
  const produced = await on(['produce', 'small'], `one\n${'x'.repeat(5000)}\ntwo\n`)
  expect(produced.status).toBe(1)
  expect(produced.stderr).toMatch(/^2 acknowledged, 1 failed/)
  expect(produced.stderr).toMatch(/1 failed with MESSAGE_TOO_LARGE, the first in line 2/)
  expect((await on(['consume', 'small'])).stdout).toBe('one\ntwo\n')
})

test('a topic may take larger records than the brokers do by default', async () => {
  await on(['topic', 'create', 'big', '--config', 'max.message.bytes=3000000'])
  const line = 'x'.repeat(2_500_000)
  expect((await on(['produce', 'big'], `${line}\n`)).stderr).toMatch(/^1 acknowledged/)
  expect((await on(['consume', 'big'])).stdout).toBe(`${line}\n`)
  const refused = await on(['produce', 'big'], 'y'.repeat(3_500_000))
  expect(refused.stderr).toMatch(/MESSAGE_TOO_LARGE.*max\.message\.bytes is 3000000/s)
})

test('min.insync.replicas is -1 or at least 1', async () => {
  const zero = 'min.insync.replicas=0'
  expectRefusal(await on(['config', 'set', 'topic', 'kept', zero]), 1, /from 1 to 1000, or -1/)
  expectRefusal(await on(['config', 'set', 'cluster', zero]), 1, /from 1 to 1000, or -1/)
  expect((await on(['config', 'set', 'topic', 'kept', 'min.insync.replicas=-1'])).status).toBe(0)
})

test('a bootstrap that does not answer is named', async () => {
  const refused = await sluice(['topic', 'list', '--bootstrap', '127.0.0.1:1', '--timeout', '1s'])
  expectRefusal(refused, 1, /127\.0\.0\.1:1/)
  expect(refused.stderr).not.toMatch(/\.\)/)
  expectRefusal(await sluice(['topic', 'list', '--bootstrap', 'no:such:thing']), 2, /no:such:thing/)
  expectRefusal(await on(['topic', 'list', '--timeout', '0']), 2, /--timeout/)
})

test('an unknown setting names the nearest known one', async () => {
  const file = join(scratch, 'typo.properties')
  writeFileSync(file, 'log.segment.byte=100000\n')
  expectRefusal(
    await sluice(['start', '--config', file]),
    2,
    /log\.segment\.byte .*log\.segment\.bytes\?/,
  )
  expectRefusal(await sluice(['start', '--set', 'num.partitions=0']), 2, /num\.partitions/)
  expectRefusal(await sluice(['start', '--config', join(scratch, 'absent')]), 2, /absent/)
})

/** The settings of a broker that would join the running cluster from directories of its own. */
function brokerArgs(name: string, set: Readonly<Record<string, string>> = {}): readonly string[] {
  const dir = join(scratch, name)
  mkdirSync(dir, { recursive: true })
  const values = {
    'node.id': '9',
    'process.roles': 'broker',
    listeners: 'CLIENT://127.0.0.1:0',
    'http.listener': '',
    'controller.quorum.bootstrap.servers': running.status.nodes
      .map(({ quorum }) => quorum ?? '')
      .join(','),
    'log.dirs': join(dir, 'data'),
    'metadata.log.dir': join(dir, 'metadata'),
    ...set,
  }
  return Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`])
}

/** The node ends by itself: its sentence on stderr, whatever it logged before. */
async function startRefused(args: readonly string[], what: RegExp): Promise<void> {
  const { status, stdout, stderr } = await sluice(['start', ...args], { limitMs: 30_000 })
  expect(stderr).toMatch(what)
  expect(stderr.split('\n').filter((line) => line.startsWith('sluice: '))).toHaveLength(1)
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
}

test('an unformatted directory is refused', async () => {
  await startRefused(brokerArgs('bare'), /not formatted.*sluice format/)
})

test('a directory that holds something else is refused, and left alone', async () => {
  const args = brokerArgs('stray')
  mkdirSync(join(scratch, 'stray', 'metadata'))
  writeFileSync(join(scratch, 'stray', 'metadata', 'mine.txt'), 'mine')
  expectRefusal(await sluice(['format', ...args]), 1, /metadata is not empty.*sluice format/)
  await startRefused(args, /not formatted/)
})

test('a quorum that does not answer is named, and waited for as long as --timeout says', async () => {
  const args = brokerArgs('lonely', { 'controller.quorum.bootstrap.servers': '127.0.0.1:1' })
  expect((await sluice(['format', ...args])).status).toBe(0)
  const { status, stderr } = await sluice(['start', ...args, '--timeout', '4s'])
  expect(stderr).toMatch(/quorum-without-leader/)
  expect(stderr).toMatch(/\nsluice: .*not ready within 4000 ms.*127\.0\.0\.1:1/)
  expect(status).toBe(3)
})

test('a directory of another node is refused, and formatting again too', async () => {
  const own = brokerArgs('foreign')
  const format = ['format', '--cluster-id', running.status.clusterId]
  expect((await sluice([...format, ...own])).status).toBe(0)
  await startRefused([...own, '--set', 'node.id=8'], /node 9/i)
  expectRefusal(await sluice([...format, ...own]), 1, /formatted/)
})

test('a node of another cluster is refused', async () => {
  const args = brokerArgs('stranger')
  expect((await sluice(['format', ...args])).status).toBe(0)
  await startRefused(args, /cluster/)
})

test('a second node with the same id is refused while the first is alive', async () => {
  const args = brokerArgs('double', { 'node.id': '2' })
  const format = ['format', '--cluster-id', running.status.clusterId]
  expect((await sluice([...format, ...args])).status).toBe(0)
  await startRefused(args, /node 2|id 2|broker 2/i)
})

test('a port in use is named', async () => {
  const [first] = running.status.nodes
  const args = brokerArgs('busy', { listeners: `CLIENT://${first?.grpc ?? ''}` })
  const format = ['format', '--cluster-id', running.status.clusterId]
  expect((await sluice([...format, ...args])).status).toBe(0)
  await startRefused(args, new RegExp(`${first?.grpc ?? ''}.*in use`))
  const up = await sluice([
    'cluster',
    'up',
    '--nodes',
    '1',
    '--dir',
    join(scratch, 'x'),
    '--set',
    'x',
  ])
  expect(up.status).toBeGreaterThan(0)
})

test('a directory that another process holds is refused', async () => {
  const [first] = running.status.nodes
  const file = join(first?.dir ?? '', 'node.properties')
  const free = ['--set', 'listeners=CLIENT://127.0.0.1:0,CONTROLLER://127.0.0.1:0']
  await startRefused(['--config', file, ...free, '--set', 'http.listener='], /in use|holds|locked/i)
})

test('garbage and oversize frames on any port disturb nobody', async () => {
  const garbage = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256)
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  const oversize = Buffer.concat([preface, Buffer.from([255, 255, 255, 0, 0, 0, 0, 0, 1]), garbage])
  const [node] = running.status.nodes
  for (const address of [node?.grpc, node?.quorum, node?.http])
    for (const bytes of [garbage, oversize]) await send(address ?? '', bytes)
  expect((await on(['broker', 'list'])).status).toBe(0)
  expect((await fetch(`http://${node?.http ?? ''}/readyz`)).status).toBe(200)
})

/** Resolves when the peer has closed the connection, or kept it for a second. */
async function send(address: string, bytes: Uint8Array): Promise<void> {
  const [host = '', port = ''] = address.split(':')
  await new Promise<void>((resolve) => {
    const socket = createConnection({ host, port: Number(port) })
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => {
      resolve()
    })
    socket.write(bytes)
  })
}
