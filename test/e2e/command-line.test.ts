/** The command line on a real cluster: what programs and people rely on (JSON shapes, exit status, audits). */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  baseOffset,
  compression,
  forEachBatch,
  nextOffset,
  verifyBatch,
} from '../../src/core/record/batch-header.ts'
import { type Ended, sluice } from '../processes/command.ts'
import { startTemporaryCluster, type TemporaryCluster } from '../processes/temporary-cluster.ts'

let running: TemporaryCluster
const scratch = mkdtempSync(join(tmpdir(), 'sluice-cli-'))

beforeAll(async () => {
  running = await startTemporaryCluster()
}, 100_000)

afterAll(async () => {
  await running[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

async function on(...args: readonly string[]): Promise<Ended> {
  return sluice([...args, '--bootstrap', running.bootstrap])
}

async function json(...args: readonly string[]): Promise<unknown> {
  const { status, stdout, stderr } = await on(...args, '--json')
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return JSON.parse(stdout) as unknown
}

test('a topic is created, listed, described, altered and deleted', async () => {
  await on('topic', 'create', 'life', '--partitions', '2', '--config', 'segment.bytes=1048576')
  expect(await json('topic', 'list')).toContainEqual(
    expect.objectContaining({ name: 'life', partitions: 2, replicationFactor: 3 }),
  )
  const described = await json('topic', 'describe', 'life')
  expect(described).toEqual({
    name: 'life',
    id: expect.stringMatching(/^[\w-]{22}$/) as unknown,
    config: { 'segment.bytes': '1048576' },
    partitions: [0, 1].map((partition) => ({
      partition,
      leader: expect.any(Number) as unknown,
      leaderEpoch: expect.any(Number) as unknown,
      partitionEpoch: expect.any(Number) as unknown,
      replicas: expect.arrayContaining([1, 2, 3]) as unknown,
      isr: expect.arrayContaining([1, 2, 3]) as unknown,
      elr: [],
      highWatermark: 0,
    })),
  })
  expect((await on('topic', 'alter', 'life', '--partitions', '3')).status).toBe(0)
  expect(await json('topic', 'describe', 'life')).toMatchObject({
    partitions: { length: 3 },
  })
  expect((await on('topic', 'delete', 'life')).status).toBe(0)
  expect((await on('topic', 'describe', 'life')).status).toBe(1)
})

test('an existing topic is refused, or fine with --if-not-exists', async () => {
  await on('topic', 'create', 'twice')
  const again = await on('topic', 'create', 'twice')
  expect(again).toMatchObject({ status: 1, stdout: '' })
  expect(again.stderr).toMatch(/twice/)
  expect((await on('topic', 'create', 'twice', '--if-not-exists')).status).toBe(0)
})

test('records are deleted from the start of a partition, and what is left is consumed', async () => {
  await on('topic', 'create', 'cut', '--partitions', '2')
  const file = join(scratch, 'cut.txt')
  writeFileSync(file, Array.from({ length: 10 }, (_, index) => `value ${index}\n`).join(''))
  await on('produce', 'cut', file, '--partition', '0')
  const cut = async (...args: readonly string[]): Promise<Ended> =>
    on('topic', 'delete-records', 'cut', ...args)
  const deletion = ['topic', 'delete-records', 'cut', '--partition', '0', '--before'] as const
  expect(await json(...deletion, '4')).toEqual({
    name: 'cut',
    partitions: [{ partition: 0, lowWatermark: 4 }],
  })
  const left = (await on('consume', 'cut')).stdout.trimEnd().split('\n')
  expect(left).toEqual([4, 5, 6, 7, 8, 9].map((index) => `value ${index}`))
  expect(await json(...deletion, '2020-01-01T00:00:00Z')).toMatchObject({
    partitions: [{ lowWatermark: 4 }],
  })
  const beyond = await cut('--partition', '0', '--before', '11')
  expect(beyond).toMatchObject({ status: 1, stdout: '' })
  expect(beyond.stderr).toMatch(/ends at 10.*11 was asked for/)
  expect(await cut()).toMatchObject({ status: 2 })
  expect((await cut('--before', 'soon')).stderr).toMatch(/--before.*soon/)
  expect((await cut('--partition', '7', '--before', 'end')).stderr).toMatch(/0 to 1, not 7/)
  expect(await json('topic', 'delete-records', 'cut', '--before', 'end')).toMatchObject({
    partitions: [{ lowWatermark: 10 }, { lowWatermark: 0 }],
  })
  expect((await on('consume', 'cut')).stdout).toBe('')
  await on('topic', 'create', 'keyed', '--config', 'cleanup.policy=compact')
  const refused = await on('topic', 'delete-records', 'keyed', '--before', 'end')
  expect(refused.stderr).toMatch(/cleanup.policy is compact/)
})

test('what is produced is consumed, with keys, headers and the audit log', async () => {
  await on('topic', 'create', 'orders', '--partitions', '3')
  const lines = Array.from({ length: 500 }, (_, index) => `k${index % 7}:value ${index}`)
  const file = join(scratch, 'orders.txt')
  const acked = join(scratch, 'acked.txt')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const args = ['--key-separator', ':', '--header', 'from=test', '--acked-log', acked]
  const produced = await on('produce', 'orders', file, ...args)
  expect(produced).toMatchObject({ status: 0, stdout: '' })
  expect(produced.stderr).toMatch(/^500 acknowledged, 0 failed/)

  const consumed = await on('consume', 'orders', '--json')
  expect(consumed.status).toBe(0)
  const records = consumed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(records).toHaveLength(500)
  expect(records[0]).toEqual({
    topic: 'orders',
    partition: expect.any(Number) as unknown,
    offset: 0,
    timestampMs: expect.any(Number) as unknown,
    key: expect.stringMatching(/^k\d$/) as unknown,
    value: expect.stringMatching(/^value \d+$/) as unknown,
    headers: { from: 'test' },
  })
  const places = new Map(
    records.map((record) => [
      `${String(record['partition'])} ${String(record['offset'])}`,
      `${String(record['key'])}:${String(record['value'])}`,
    ]),
  )
  const audit = readFileSync(acked, 'utf8').trimEnd().split('\n')
  expect(audit).toHaveLength(500)
  for (const entry of audit) {
    const [partition = '', offset = '', number = ''] = entry.split(' ')
    expect(places.get(`${partition} ${offset}`)).toBe(lines[Number(number) - 1])
  }
})

test('consume starts and ends where it is told', async () => {
  await on('topic', 'create', 'places', '--partitions', '1')
  await sluice(['produce', 'places', '--bootstrap', running.bootstrap], {
    input: 'a\nb\nc\nd\ne\n',
  })
  const values = async (...args: readonly string[]): Promise<string> =>
    (await on('consume', 'places', ...args)).stdout.replaceAll('\n', '')
  expect(await values()).toBe('abcde')
  expect(await values('--from', '2')).toBe('cde')
  expect(await values('--from', '1', '--until', '3')).toBe('bc')
  expect(await values('--max', '2')).toBe('ab')
  expect(await values('--from', 'beginning', '--until', 'end', '--partition', '0')).toBe('abcde')
  expect(await values('--from', '2000-01-01T00:00:00Z')).toBe('abcde')
  expect(await values('--from', '2999-01-01T00:00:00Z', '--until', 'end')).toBe('')
  expect(await values('--from', 'end', '--until', 'end')).toBe('')
  const templated = await on('consume', 'places', '--format', '{offset}={value}', '--max', '1')
  expect(templated.stdout).toBe('0=a\n')
})

test('waiting for records that do not come ends with status 3', async () => {
  await on('topic', 'create', 'silent', '--partitions', '1')
  const waited = await on('consume', 'silent', '--follow', '--timeout', '700ms')
  expect(waited.status).toBe(3)
  expect(waited.stderr).toMatch(/Timed out after 0 records/)
})

test('every codec survives the round trip', async () => {
  await on('topic', 'create', 'codecs', '--partitions', '1')
  const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
  for (const codec of codecs) {
    const input = `${codec} `.repeat(2000).trimEnd()
    const args = ['produce', 'codecs', '--compression', codec, '--bootstrap', running.bootstrap]
    expect((await sluice(args, { input })).status).toBe(0)
  }
  const { stdout } = await on('consume', 'codecs')
  expect(stdout.trimEnd().split('\n')).toEqual(
    codecs.map((codec) => `${codec} `.repeat(2000).trimEnd()),
  )
})

test('brokers and the quorum are described', async () => {
  expect(await json('broker', 'list')).toMatchObject([
    { id: 1, state: 'running' },
    { id: 2, state: 'running' },
    { id: 3, state: 'running' },
  ])
  expect(await json('broker', 'describe', '2')).toMatchObject({ id: 2, state: 'running' })
  const quorum = await json('quorum', 'status')
  expect(quorum).toMatchObject({
    leaderId: expect.any(Number) as unknown,
    epoch: expect.any(Number) as unknown,
    highWatermark: expect.any(Number) as unknown,
    voters: [1, 2, 3].map((id) => ({
      id,
      directoryId: expect.stringMatching(/^[\w-]{22}$/) as unknown,
      logEndOffset: expect.any(Number) as unknown,
      lagMs: expect.any(Number) as unknown,
    })),
    observers: [],
  })
  expect((await on('quorum', 'replication')).stdout).toMatch(/leader/)
})

test('settings are changed and unset, and say where they come from', async () => {
  await on('topic', 'create', 'tuned')
  await on('config', 'set', 'topic', 'tuned', 'max.message.bytes=2000')
  expect(await json('config', 'get', 'topic', 'tuned', 'max.message.bytes')).toMatchObject([
    { key: 'max.message.bytes', value: '2000', source: 'topic' },
  ])
  await on('config', 'unset', 'topic', 'tuned', 'max.message.bytes')
  expect(await json('config', 'get', 'topic', 'tuned', 'max.message.bytes')).toMatchObject([
    { source: 'default' },
  ])
  const strange = await on('config', 'set', 'topic', 'tuned', 'max.mesage.bytes=2000')
  expect(strange.status).toBe(1)
  expect(strange.stderr).toMatch(/max\.message\.bytes/)
})

test('the metadata is a tree, of the running cluster and of a log directory beside it', async () => {
  await on('topic', 'create', 'leafy', '--partitions', '1')
  expect((await on('metadata', 'ls', '/topics')).stdout).toMatch(/^leafy\/$/m)
  expect(await json('metadata', 'cat', '/topics/leafy/partitions/0')).toMatchObject({
    replicas: expect.arrayContaining([1, 2, 3]) as unknown,
  })
  const drawn = await on('metadata', 'tree')
  expect(drawn.stdout).toMatch(/brokers\/[\s\S]*topics\/[\s\S]*leafy/)
  const missing = await on('metadata', 'cat', '/topics/none')
  expect(missing).toMatchObject({ status: 1, stdout: '' })

  const directory = join(running.dir, 'node-1', 'metadata')
  const offline = await sluice([
    'metadata',
    'cat',
    '/topics/leafy',
    '--offline',
    directory,
    '--json',
  ])
  expect(offline).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(offline.stdout)).toMatchObject({ partitionCount: 1 })
})

test('a log directory is dumped beside its running node', async () => {
  const { status, stdout } = await sluice([
    ...['log', 'dump', join(running.dir, 'node-1', 'data'), '--json'],
  ])
  expect(status).toBe(0)
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { row: string })
  expect(rows[0]).toMatchObject({ row: 'directory', nodeId: 1 })
  expect(rows.filter(({ row }) => row === 'log').length).toBeGreaterThan(0)
  expect(rows.filter(({ row }) => row === 'broken')).toEqual([])
})

test('a log is dumped as a segment of Kafka beside its running node', async () => {
  await on('topic', 'create', 'for-kafka', '--partitions', '1', '--replication-factor', '3')
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`)
  await sluice(['produce', 'for-kafka', '--compression', 'lz4', '--bootstrap', running.bootstrap], {
    input: lines.join('\n'),
  })
  const dump = async (...args: readonly string[]): Promise<Ended> =>
    sluice(['log', 'dump', join(running.dir, 'node-1', 'data'), ...args])
  const target = join(scratch, 'segments')
  mkdirSync(target)
  const dumped = await dump('--topic', 'for-kafka', '--kafka-segment', target, '--json')
  expect(dumped).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(dumped.stdout)).toMatchObject({ startOffset: 0, endOffset: 500 })
  const segment = new Uint8Array(readFileSync(join(target, '00000000000000000000.log')))
  let next = 0
  forEachBatch(segment, (at) => {
    expect(verifyBatch(segment, at)).toBeUndefined()
    expect([baseOffset(segment, at), compression(segment, at)]).toEqual([next, 'lz4'])
    next = nextOffset(segment, at)
  })
  expect(next).toBe(500)
  const again = await dump('--topic', 'for-kafka', '--kafka-segment', target)
  expect(again).toMatchObject({ status: 1, stderr: expect.stringMatching(/exists.*another/) as unknown }) // prettier-ignore
  const unknown = await dump('--topic', 'nobodys', '--kafka-segment', join(target, 'x'))
  expect(unknown).toMatchObject({ status: 1, stderr: expect.stringMatching(/nobodys/) as unknown }) // prettier-ignore
  const unsaid = await dump('--kafka-segment', join(target, 'x'))
  expect(unsaid).toMatchObject({ status: 1, stderr: expect.stringMatching(/--topic/) as unknown }) // prettier-ignore
})

test('a preferred election puts every partition under its first replica', async () => {
  await on('topic', 'create', 'elected', '--partitions', '3')
  expect((await on('elect', 'preferred', '--topic', 'elected')).status).toBe(0)
})

test('the cluster command knows its nodes, and kills, pauses and restarts them', async () => {
  const at = async (...args: readonly string[]): Promise<Ended> =>
    sluice(['cluster', ...args, '--dir', running.dir, '--json'])
  const status = JSON.parse((await at('status')).stdout) as { nodes: { id: number; pid: number }[] }
  expect(status).toMatchObject({
    bootstrap: running.bootstrap,
    clusterId: expect.stringMatching(/^[\w-]{22}$/) as unknown,
  })
  expect(status.nodes[1]).toEqual({
    id: 2,
    roles: ['broker', 'controller'],
    pid: expect.any(Number) as unknown,
    state: 'running',
    grpc: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown,
    quorum: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown,
    kafka: null,
    http: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as unknown,
    dir: join(running.dir, 'node-2'),
  })
  expect(JSON.parse((await at('pause', '2')).stdout)).toMatchObject({ state: 'paused' })
  expect(JSON.parse((await at('resume', '2')).stdout)).toMatchObject({ state: 'running' })
  expect(JSON.parse((await at('kill', '2')).stdout)).toMatchObject({ state: 'stopped', pid: null })
  const again = await at('kill', '2')
  expect(again.status).toBe(1)
  expect(JSON.parse(again.stderr)).toMatchObject({ error: { isRetriable: false } })
  expect(JSON.parse((await at('start', '2')).stdout)).toMatchObject({ state: 'running' })
  expect(JSON.parse((await at('restart', '2')).stdout)).toMatchObject({ state: 'running' })
  expect((await at('logs', '2')).stdout).toMatch(
    /sluice ready node=2 roles=broker,controller grpc=/,
  )
}, 120_000)

test('the health port says that a node lives and serves', async () => {
  const [node] = running.status.nodes
  const answers = await Promise.all(
    ['livez', 'readyz', 'nothing'].map(async (path) => fetch(`http://${node?.http ?? ''}/${path}`)),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 404])
})
