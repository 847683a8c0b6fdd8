/**
 * The storage engine alone on real files: a closed loop of appends, so many always on their way, as
 * views into frames of 1 MiB. Logs are chosen evenly or as Zipf's law has it (s = 1).
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
import {
  plainPolicy,
  type FlushMode,
  type PartitionLog,
} from '../../../src/engine/storage/partition-log.ts'
import { dataStorageSettings } from '../../../src/engine/storage/storage-settings.ts'
import { remember } from '../leftovers.ts'
import { Histogram } from '../load/histogram.ts'

/** What is appended where. */
export interface AppendLoad {
  readonly name: string
  readonly logCount: number
  readonly batchBytes: number
  readonly outstanding: number
  readonly flush: FlushMode
  readonly choice: 'uniform' | 'zipf'
}

/** What came of it. */
export interface AppendResult {
  readonly megabytesPerSecond: number
  /** Of each of ten equal parts of the time: a log that sinks slowly shows. */
  readonly byTenth: readonly number[]
  readonly latencies: Histogram
  readonly cpuSecondsPerGigabyte: number
  readonly residentMegabytes: number
}

const defaults = Object.fromEntries(
  Object.entries(declarations).map(([key, { default: value }]) => [key, value]),
) as unknown as Settings

const frameBytes = 1024 * 1024
const parts = 10

/** Runs a load in a temporary directory, after a warm-up of a fifth of the time (at most 10 s). */
export async function runAppends(load: AppendLoad, durationMs: number): Promise<AppendResult> {
  // As the server does: without it V8 collects for every few frames of external memory.
  v8.setFlagsFromString('--external-memory-accounted-in-global-limit')
  useNativeCrc32c()
  const parent = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const remove = remember(async () => rm(parent, { recursive: true, force: true }))
  try {
    const { directory, logs } = await openLogs(join(parent, 'data'), load)
    const loop = new ClosedLoop(load, logs)
    try {
      await pause(Math.min(10_000, durationMs / 5))
      return await measure(loop, durationMs)
    } finally {
      await loop.stop()
      await directory.close()
    }
  } finally {
    await remove()
  }
}

async function measure(loop: ClosedLoop, durationMs: number): Promise<AppendResult> {
  const cpu = process.cpuUsage()
  const startedAtMs = performance.now()
  loop.startMeasuring()
  const byTenth: number[] = []
  for (let part = 0, before = 0; part < parts; part++) {
    const partAtMs = performance.now()
    await pause(durationMs / parts)
    byTenth.push((loop.bytes - before) / 1e3 / (performance.now() - partAtMs))
    before = loop.bytes
  }
  const { user, system } = process.cpuUsage(cpu)
  const megabytes = loop.bytes / 1e6
  return {
    megabytesPerSecond: (1000 * megabytes) / (performance.now() - startedAtMs),
    byTenth,
    latencies: loop.latencies,
    cpuSecondsPerGigabyte: (user + system) / 1e3 / megabytes,
    residentMegabytes: process.memoryUsage.rss() / 1e6,
  }
}

async function openLogs(
  path: string,
  load: AppendLoad,
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
        policy: plainPolicy(load.flush, 1024 * 1024 * 1024),
      }),
    ),
  )
  return { directory, logs }
}

/** So many appends are always on their way; each answer sends the next. */
class ClosedLoop {
  readonly latencies = new Histogram()
  bytes = 0
  readonly #logs: readonly PartitionLog[]
  readonly #choice: AppendLoad['choice']
  readonly #template: Uint8Array
  readonly #loops: Promise<void>[]
  #frame = Buffer.alloc(0)
  #frameAt = 0
  #turn = 0
  #isMeasuring = false
  #isStopped = false

  constructor(load: AppendLoad, logs: readonly PartitionLog[]) {
    this.#logs = logs
    this.#choice = load.choice
    this.#template = encodeBatch({
      records: [{ value: randomBytes(load.batchBytes - 80), timestampMs: Date.now() }],
      baseOffset: offset(0),
      leaderEpoch: epoch(0),
    })
    this.#loops = Array.from({ length: load.outstanding }, async () => this.#run())
  }

  startMeasuring(): void {
    this.#isMeasuring = true
  }

  async stop(): Promise<void> {
    this.#isMeasuring = false
    this.#isStopped = true
    await Promise.all(this.#loops)
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const log = this.#logs[this.#choose()]
      if (log === undefined) return
      const startedAt = performance.now()
      await log.append(this.#batchFor(log))
      if (!this.#isMeasuring) continue
      this.bytes += this.#template.length
      this.latencies.record(performance.now() - startedAt)
    }
  }

  #choose(): number {
    const count = this.#logs.length
    if (this.#choice === 'uniform') return (this.#turn += 7) % count
    return Math.min(count - 1, Math.floor(Math.exp(Math.random() * Math.log(count + 1))) - 1)
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
