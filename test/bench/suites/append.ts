/**
 * The storage engine alone on real files: closed loops of appends with fsync before the answer, few
 * logs with large batches and many logs with small ones, as views into frames of 1 MiB.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import v8 from 'node:v8'
import { clusterId, epoch, nodeId, offset, partitionIndex, topicId } from '../../../src/base/id.ts'
import { settings as declarations, type Settings } from '../../../src/core/config/settings.ts'
import { encodeBatch } from '../../../src/core/record/batch-writer.ts'
import { stampBatch } from '../../../src/core/record/batch-header.ts'
import { levelStores } from '../../../src/edge/leveldb/level-stores.ts'
import { useNativeCrc32c } from '../../../src/edge/system/native-crc32c.ts'
import { systemClock } from '../../../src/edge/system/system-clock.ts'
import { systemEntropy } from '../../../src/edge/system/system-entropy.ts'
import { systemFileStore } from '../../../src/edge/system/system-file-store.ts'
import { LogDirectory } from '../../../src/engine/storage/log-directory.ts'
import { type FlushMode, type PartitionLog } from '../../../src/engine/storage/partition-log.ts'
import { dataStorageSettings } from '../../../src/engine/storage/storage-settings.ts'
import { type Row } from '../row.ts'

interface Load {
  readonly name: string
  readonly logCount: number
  readonly batchBytes: number
  readonly outstanding: number
  readonly flush: FlushMode
  readonly atLeast?: number
}

const defaults = Object.fromEntries(
  Object.entries(declarations).map(([key, { default: value }]) => [key, value]),
) as unknown as Settings

const frameBytes = 1024 * 1024
const loads: readonly Load[] = [
  {
    name: '6 logs x 128 KiB, ack',
    logCount: 6,
    batchBytes: 131_072,
    outstanding: 64,
    flush: 'ack',
    atLeast: 700,
  },
  { name: '6 logs x 16 KiB, ack', logCount: 6, batchBytes: 16_384, outstanding: 128, flush: 'ack' },
  {
    name: '1000 logs x 2 KiB, ack',
    logCount: 1000,
    batchBytes: 2048,
    outstanding: 256,
    flush: 'ack',
    atLeast: 200,
  },
  {
    name: '6 logs x 128 KiB, interval',
    logCount: 6,
    batchBytes: 131_072,
    outstanding: 64,
    flush: 'interval',
  },
]

/** Throughput and answer times of each load. */
export async function append({ isQuick }: { readonly isQuick: boolean }): Promise<readonly Row[]> {
  // As the server does: without it V8 collects for every few frames of external memory.
  v8.setFlagsFromString('--external-memory-accounted-in-global-limit')
  useNativeCrc32c()
  const rows: Row[] = []
  for (const load of loads) rows.push(...(await measure(load, isQuick ? 2000 : 15_000)))
  return rows
}

async function measure(load: Load, durationMs: number): Promise<readonly Row[]> {
  const parent = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  try {
    return await measureIn(join(parent, 'data'), load, durationMs)
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}

async function measureIn(path: string, load: Load, durationMs: number): Promise<readonly Row[]> {
  const { directory, logs } = await openLogs(path, load)
  const loop = new ClosedLoop(load, logs)
  await pause(durationMs / 5)
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  loop.startMeasuring()
  await pause(durationMs)
  const seconds = (performance.now() - startedAt) / 1000
  const used = process.cpuUsage(cpu)
  const { bytes, latenciesMs } = await loop.stop()
  const rss = process.memoryUsage.rss()
  await directory.close()
  const sorted = latenciesMs.sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN
  const name = `append: ${load.name}`
  const megabytes = bytes / 1e6
  return [
    {
      name,
      value: megabytes / seconds,
      unit: 'MB/s',
      ...(load.atLeast !== undefined && { atLeast: load.atLeast }),
    },
    { name: `${name}, answer p50`, value: at(0.5), unit: 'ms' },
    { name: `${name}, answer p99`, value: at(0.99), unit: 'ms' },
    { name: `${name}, answer p99.9`, value: at(0.999), unit: 'ms' },
    { name: `${name}, CPU`, value: (used.user + used.system) / 1e3 / megabytes, unit: 's/GB' },
    { name: `${name}, RSS`, value: rss / 1e6, unit: 'MB' },
  ]
}

async function openLogs(
  path: string,
  load: Load,
): Promise<{ readonly directory: LogDirectory; readonly logs: readonly PartitionLog[] }> {
  const ports = {
    clock: systemClock(),
    entropy: systemEntropy(),
    files: systemFileStore(),
    stores: levelStores({ writeBufferBytes: 16 * 1024 * 1024 }),
    telemetry: {
      log: (level: string, event: string, fields?: unknown) => {
        if (level === 'error') process.stderr.write(`${event} ${JSON.stringify(fields)}\n`)
      },
    },
  }
  const owner = { path, clusterId: clusterId('b'.repeat(22)), nodeId: nodeId(1) }
  await LogDirectory.format({ ...ports, ...owner })
  const settings = dataStorageSettings(defaults)
  const directory = await LogDirectory.open({ ports, ...owner, settings })
  const logs = await Promise.all(
    Array.from({ length: load.logCount }, async (_, index) =>
      directory.createLog({
        topicId: topicId(String(index).padStart(22, 'b')),
        partition: partitionIndex(0),
        flush: load.flush,
        segmentBytes: 1024 * 1024 * 1024,
      }),
    ),
  )
  return { directory, logs }
}

/** So many appends are always on their way; each answer sends the next. */
class ClosedLoop {
  readonly #logs: readonly PartitionLog[]
  readonly #template: Uint8Array
  readonly #loops: Promise<void>[]
  #frame = Buffer.alloc(0)
  #frameAt = 0
  #turn = 0
  #bytes = 0
  #latenciesMs: number[] = []
  #isStopped = false

  constructor(load: Load, logs: readonly PartitionLog[]) {
    this.#logs = logs
    this.#template = encodeBatch({
      records: [{ value: randomBytes(load.batchBytes - 80), timestampMs: Date.now() }],
      baseOffset: offset(0),
      leaderEpoch: epoch(0),
    })
    this.#loops = Array.from({ length: load.outstanding }, async () => this.#run())
  }

  startMeasuring(): void {
    this.#bytes = 0
    this.#latenciesMs = []
  }

  async stop(): Promise<{ readonly bytes: number; readonly latenciesMs: number[] }> {
    const measured = { bytes: this.#bytes, latenciesMs: this.#latenciesMs }
    this.#isStopped = true
    await Promise.all(this.#loops)
    return measured
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const log = this.#logs[(this.#turn += 7) % this.#logs.length]
      if (log === undefined) return
      const startedAt = performance.now()
      await log.append(this.#batchFor(log))
      this.#bytes += this.#template.length
      this.#latenciesMs.push(performance.now() - startedAt)
    }
  }

  #batchFor(log: PartitionLog): Uint8Array {
    const { length } = this.#template
    if (this.#frameAt + length > this.#frame.length) {
      this.#frame = Buffer.allocUnsafeSlow(Math.max(frameBytes, length))
      this.#frameAt = 0
    }
    const batch = this.#frame.subarray(this.#frameAt, this.#frameAt + length)
    this.#frameAt += length
    batch.set(this.#template)
    stampBatch(batch, 0, { baseOffset: log.endOffset(), leaderEpoch: epoch(0) })
    return batch
  }
}
