/**
 * How fast frames pass through `GrpcTransport` and `GrpcListeners` with a handler that does nothing:
 * a server process and a client process on loopback, like a broker and a program.
 *
 *   node test/bench/wire.ts [--seconds 3] [--json]
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { type ApiName, type Apis } from '../../src/core/api/apis.ts'
import { type Outcome, refuse } from '../../src/core/api/error-code.ts'
import { type Endpoint } from '../../src/core/api/endpoint.ts'
import { clusterId, nodeId, offset, partitionIndex, topicId } from '../../src/base/id.ts'
import { systemClock } from '../../src/edge/system/system-clock.ts'
import { GrpcListeners } from '../../src/edge/grpc/server.ts'
import { GrpcTransport } from '../../src/edge/grpc/transport.ts'
import { type Channel } from '../../src/engine/ports/transport.ts'
import { type RequestHandler } from '../../src/engine/ports/request-handler.ts'

const kib = 1024
const mib = 1024 * kib
const cluster = clusterId('AAAAAAAAAAAAAAAAAAAAAA')
const topic = topicId('BBBBBBBBBBBBBBBBBBBBBB')
const silent = { log: () => undefined }

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** Answers produce with offsets, and fetch with as many bytes as asked for. */
class TrivialHandler implements RequestHandler {
  readonly #records = new Uint8Array(mib)

  async handle<A extends ApiName>(
    api: A,
    request: Apis[A]['request'],
  ): Promise<Outcome<Apis[A]['response']>> {
    const answers: Partial<Record<ApiName, (request: never) => unknown>> = {
      produce: (produce: Apis['produce']['request']) => ({
        partitions: produce.partitions.map(({ topicId: id, partition }) => ({
          topicId: id,
          partition,
          baseOffset: offset(1),
          logStartOffset: offset(0),
        })),
      }),
      fetch: (fetch: Apis['fetch']['request']) => ({
        partitions: fetch.partitions.map(({ topicId: id, partition, bytesMax }) => ({
          topicId: id,
          partition,
          highWatermark: offset(1),
          lastStableOffset: offset(1),
          logStartOffset: offset(0),
          records: [this.#records.subarray(0, bytesMax)],
        })),
      }),
    }
    const answer = answers[api]
    if (answer === undefined) return Promise.resolve(refuse('INVALID_REQUEST', api))
    const value = answer(request as never) as Apis[A]['response']
    return Promise.resolve({ ok: true, value })
  }
}

async function serve(): Promise<void> {
  setFlagsFromString('--external-memory-accounted-in-global-limit')
  setFlagsFromString('--initial-heap-size=256')
  setFlagsFromString('--semi-space-growth-factor=4')
  const listeners = new GrpcListeners({
    clock: systemClock(),
    telemetry: silent,
    messageBytesMax: mib,
    heldBytesMax: 128 * mib,
  })
  const endpoint: Endpoint = { listener: 'CLIENT', host: '127.0.0.1', port: 0 }
  const listener = await listeners.listen({
    endpoint,
    clusterId: cluster,
    nodeId: nodeId(1),
    apis: ['produce', 'fetch'],
    handler: new TrivialHandler(),
  })
  let usage = process.cpuUsage()
  process.on('message', (message) => {
    if (message === 'reset') usage = process.cpuUsage()
    if (message !== 'stop') {
      const { user, system } = process.cpuUsage(usage)
      process.send?.({ cpuSeconds: (user + system) / 1e6, rss: process.memoryUsage.rss() })
    }
  })
  process.on('disconnect', () => {
    process.exit(0)
  })
  process.send?.({ port: listener.endpoint.port })
}

async function ask<T>(child: ChildProcess, message: string): Promise<T> {
  const answer = once(child, 'message')
  child.send(message)
  const [value] = (await answer) as [T]
  return value
}

type Load = (channel: Channel) => Promise<unknown>

function produceLoad(bytes: number, partitions: number): Load {
  const records = new Uint8Array(Math.floor(bytes / partitions))
  const entries = Array.from({ length: partitions }, (_, index) => ({
    topicId: topic,
    partition: partitionIndex(index),
    records,
  }))
  return async (channel) =>
    channel.request('produce', { acks: 'all', partitions: entries }, { timeoutMs: 30_000 })
}

function fetchLoad(bytes: number): Load {
  const partitions = [
    { topicId: topic, partition: partitionIndex(0), fetchOffset: offset(0), bytesMax: bytes },
  ]
  return async (channel) =>
    channel.request(
      'fetch',
      { waitMsMax: 500, bytesMin: 1, bytesMax: bytes, isolation: 'uncommitted', partitions },
      { timeoutMs: 30_000 },
    )
}

async function measure(
  child: ChildProcess,
  channel: Channel,
  run: {
    readonly name: string
    readonly bytes: number
    readonly inFlight: number
    readonly seconds: number
    readonly load: Load
  },
): Promise<readonly Row[]> {
  const lane = async (untilMs: number, count: () => void): Promise<void> => {
    while (performance.now() < untilMs) {
      await run.load(channel)
      count()
    }
  }
  const all = async (ms: number): Promise<number> => {
    let done = 0
    const untilMs = performance.now() + ms
    const lanes = Array.from({ length: run.inFlight }, async () => lane(untilMs, () => done++))
    await Promise.all(lanes)
    return done
  }
  await all(1000)
  await ask(child, 'reset')
  const usage = process.cpuUsage()
  const startMs = performance.now()
  const done = await all(run.seconds * 1000)
  const seconds = (performance.now() - startMs) / 1000
  const { user, system } = process.cpuUsage(usage)
  const server = await ask<{ cpuSeconds: number; rss: number }>(child, 'usage')
  const gigabytes = (done * run.bytes) / 1e9
  return [
    { name: run.name, value: Math.round((gigabytes * 1000) / seconds), unit: 'MB/s' },
    { name: `${run.name}, frames`, value: Math.round(done / seconds), unit: '1/s' },
    { name: `${run.name}, client`, value: (user + system) / 1e6 / gigabytes, unit: 'CPU s/GB' },
    { name: `${run.name}, server`, value: server.cpuSeconds / gigabytes, unit: 'CPU s/GB' },
    { name: `${run.name}, server`, value: Math.round(server.rss / mib), unit: 'MiB RSS' },
  ]
}

async function drive(): Promise<void> {
  const at = process.argv.indexOf('--seconds')
  const seconds = at < 0 ? 3 : Number(process.argv[at + 1])
  const child = fork(import.meta.filename, ['--serve'])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const transport = new GrpcTransport({ clock: systemClock(), telemetry: silent })
  const channel = transport.connect({
    host: '127.0.0.1',
    port,
    role: 'client',
    hello: { protocolMin: 1, protocolMax: 1, clientId: 'bench', features: [] },
  })
  const runs = [
    { name: 'produce 1 MiB x4', bytes: mib, inFlight: 4, load: produceLoad(mib, 6) },
    { name: 'produce 64 KiB x8', bytes: 64 * kib, inFlight: 8, load: produceLoad(64 * kib, 1) },
    { name: 'produce 1 KiB x64', bytes: kib, inFlight: 64, load: produceLoad(kib, 1) },
    { name: 'produce 1 KiB x1', bytes: kib, inFlight: 1, load: produceLoad(kib, 1) },
    { name: 'fetch 1 MiB x4', bytes: mib, inFlight: 4, load: fetchLoad(mib) },
    { name: 'fetch 64 KiB x8', bytes: 64 * kib, inFlight: 8, load: fetchLoad(64 * kib) },
  ]
  const rows: Row[] = []
  for (const run of runs) rows.push(...(await measure(child, channel, { ...run, seconds })))
  await channel.close()
  child.disconnect()
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(rows)}\n`)
  else
    for (const { name, value, unit } of rows)
      process.stdout.write(
        `${name.padEnd(28)} ${value.toFixed(unit === 'CPU s/GB' ? 2 : 0).padStart(8)} ${unit}\n`,
      )
}

if (process.argv.includes('--serve')) await serve()
else await drive()
