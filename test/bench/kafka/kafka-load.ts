/** Kafka's own performance tools, driving Kafka: what they are told, and what they print, as a `LoadResult`. */
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended } from '../child.ts'
import { remember } from '../leftovers.ts'
import { type Percentiles } from '../load/histogram.ts'
import { payloads } from '../load/payload.ts'
import { type LoadResult } from '../load/spec.ts'
import { cpuSeconds } from '../proc.ts'
import { type KafkaCluster } from './kafka-cluster.ts'

/** Where a producer's values come from: the tool makes them, or it reads them from a file beforehand. */
export type PayloadSource = 'generator' | 'file'

const consumeTimeoutMs = 30_000

/** ProducerPerformance; `recordsPerSecond` undefined: as fast as it goes. */
export async function producerPerformance(
  kafka: KafkaCluster,
  order: {
    readonly topic: string
    readonly recordBytes: number
    readonly warmUpCount: number
    readonly recordCount: number
    readonly recordsPerSecond?: number
    readonly payload: PayloadSource
    readonly properties: readonly string[]
    readonly limitSeconds: number
  },
): Promise<LoadResult> {
  const payload =
    order.payload === 'file'
      ? ['--payload-file', await payloadFile(order.recordBytes)]
      : ['--record-size', String(order.recordBytes)]
  const count = Math.ceil(order.warmUpCount + order.recordCount)
  const ended = await measured(kafka, async () =>
    kafka.tool(
      'ProducerPerformance',
      ['--bootstrap-server', kafka.bootstrap, '--topic', order.topic].concat(
        ['--num-records', String(count), '--warmup-records', String(Math.ceil(order.warmUpCount))],
        ['--throughput', String(order.recordsPerSecond ?? -1), ...payload],
        ['--command-property', ...order.properties],
      ),
      order.limitSeconds,
    ),
  )
  // The last line is the steady state: without the warm-up records.
  const line = ended.stdout.trimEnd().split('\n').at(-1) ?? ''
  const numbers = [...line.matchAll(/([\d.]+) (records\/sec|ms (?:avg|max|\d+\w*))/g)]
  const value = (unit: string): number =>
    Number(numbers.find(([, , name]) => name === unit)?.[1] ?? Number.NaN)
  const recordsPerSecond = value('records/sec')
  if (!Number.isFinite(recordsPerSecond)) throw new Error(`ProducerPerformance printed ${line}`)
  return {
    ...costs(ended, order.recordCount / recordsPerSecond),
    recordsPerSecond,
    latency: {
      count: order.recordCount,
      meanMs: value('ms avg'),
      p50Ms: value('ms 50th'),
      p99Ms: value('ms 99th'),
      p999Ms: value('ms 99.9th'),
      maxMs: value('ms max'),
    },
  }
}

/** ConsumerPerformance: the rate while fetching, without the time it took to join its group. */
export async function consumerPerformance(
  kafka: KafkaCluster,
  topic: string,
  recordCount: number,
): Promise<LoadResult> {
  const ended = await measured(kafka, async () =>
    kafka.tool(
      'ConsumerPerformance',
      ['--bootstrap-server', kafka.bootstrap, '--topic', topic].concat(
        ['--num-records', String(recordCount), '--timeout', String(consumeTimeoutMs)],
        ['--hide-header'],
      ),
      120,
    ),
  )
  const line = ended.stdout.trimEnd().split('\n').at(-1) ?? ''
  const fields = line.split(',').map((field) => Number(field.trim()))
  const [count, fetchMs, recordsPerSecond] = [fields[4], fields[7], fields[9]]
  if (
    count === undefined ||
    count < recordCount ||
    fetchMs === undefined ||
    recordsPerSecond === undefined
  )
    throw new Error(`ConsumerPerformance printed ${line}`)
  return { ...costs(ended, fetchMs / 1000), recordsPerSecond }
}

/** EndToEndLatency: one record at a time. */
export async function endToEndLatency(
  kafka: KafkaCluster,
  order: { readonly topic: string; readonly recordBytes: number; readonly recordCount: number },
): Promise<LoadResult> {
  const { topic, recordBytes, recordCount } = order
  const ended = await measured(kafka, async () =>
    kafka.tool(
      'EndToEndLatency',
      [kafka.bootstrap, topic, String(recordCount), 'all', String(recordBytes)],
      120,
    ),
  )
  const meanMs = Number(/Avg latency: ([\d.]+) ms/.exec(ended.stdout)?.[1] ?? Number.NaN)
  const [p50Ms, p99Ms, p999Ms] = [
    ...(/Percentiles: 50th = (\d+), 99th = (\d+), 99.9th = (\d+)/.exec(ended.stdout) ?? []),
  ]
    .slice(1)
    .map(Number)
  if (!Number.isFinite(meanMs)) throw new Error(`EndToEndLatency printed ${ended.stdout}`)
  const latency: Percentiles = {
    count: recordCount,
    meanMs,
    p50Ms: p50Ms ?? Number.NaN,
    p99Ms: p99Ms ?? Number.NaN,
    p999Ms: p999Ms ?? Number.NaN,
    maxMs: Number.NaN,
  }
  return {
    ...costs(ended, (meanMs * recordCount) / 1000),
    recordsPerSecond: 1000 / meanMs,
    latency,
  }
}

interface Measured extends Ended {
  readonly brokerCpuSeconds: number
}

/** CPU time counts for the whole life of the tool: it does not say when its warm-up ends. */
async function measured(kafka: KafkaCluster, work: () => Promise<Ended>): Promise<Measured> {
  const before = cpuSeconds(kafka.pids)
  const ended = await work()
  return { ...ended, brokerCpuSeconds: cpuSeconds(kafka.pids) - before }
}

function costs(ended: Measured, seconds: number): Omit<LoadResult, 'recordsPerSecond'> {
  const { brokerCpuSeconds, cpuSeconds: clientCpuSeconds } = ended
  return {
    seconds,
    clientCpuSeconds,
    brokerCpuSeconds,
    clientRssMiB: Number.NaN,
    brokerRssMiB: Number.NaN,
  }
}

const files = new Map<number, string>()

/** Values as our own load sends them, a line each; the file goes when the bench ends. */
async function payloadFile(recordBytes: number): Promise<string> {
  const known = files.get(recordBytes)
  if (known !== undefined) return known
  const path = join(tmpdir(), `sluice-bench-payload-${process.pid}-${recordBytes}`)
  remember(async () => rm(path, { force: true }))
  await writeFile(path, Buffer.concat(payloads(recordBytes).flatMap((value) => [value, newline])))
  files.set(recordBytes, path)
  return path
}

const newline = Buffer.from('\n')
