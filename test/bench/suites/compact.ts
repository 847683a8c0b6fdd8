/**
 * Compaction alone, on real files: a log of 10 million records of 100 000 keys is compacted, and the
 * event loop is watched meanwhile. Extra memory is how far heap and buffers grew over what they were
 * after a full collection; what the filling left in the resident set would hide it there.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import { clusterId, epoch, nodeId, partitionIndex, topicId } from '../../../src/base/id.ts'
import { seededRandom } from '../../../src/base/random.ts'
import { settings as declarations, type Settings } from '../../../src/core/config/settings.ts'
import { stampBatch } from '../../../src/core/record/batch-header.ts'
import { BatchWriter } from '../../../src/core/record/batch-writer.ts'
import { nativeCompressor } from '../../../src/edge/compression/codecs.ts'
import { levelStores } from '../../../src/edge/leveldb/level-stores.ts'
import { useNativeCrc32c } from '../../../src/edge/system/native-crc32c.ts'
import { systemClock } from '../../../src/edge/system/system-clock.ts'
import { systemEntropy } from '../../../src/edge/system/system-entropy.ts'
import { systemFileStore } from '../../../src/edge/system/system-file-store.ts'
import { Throttle } from '../../../src/engine/runtime/throttle.ts'
import { LogDirectory } from '../../../src/engine/storage/log-directory.ts'
import { plainPolicy, type PartitionLog } from '../../../src/engine/storage/partition-log.ts'
import { dataStorageSettings } from '../../../src/engine/storage/storage-settings.ts'
import { type Row } from '../row.ts'

const mib = 1024 * 1024
const keyCount = 100_000
const batchBytes = 64 * 1024
const valueBytes = 80

const defaults = Object.fromEntries(
  Object.entries(declarations).map(([key, { default: value }]) => [key, value]),
) as unknown as Settings

/** Time, extra memory and the longest time that the event loop was kept. */
export async function compact({ isQuick }: { readonly isQuick: boolean }): Promise<readonly Row[]> {
  v8.setFlagsFromString('--external-memory-accounted-in-global-limit')
  useNativeCrc32c()
  const parent = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const directory = await openDirectory(join(parent, 'data'))
  try {
    return await measure(directory, isQuick ? 2_000_000 : 10_000_000)
  } finally {
    await directory.close()
    await rm(parent, { recursive: true, force: true })
  }
}

async function openDirectory(path: string): Promise<LogDirectory> {
  const ports = {
    clock: systemClock(),
    entropy: systemEntropy(),
    files: systemFileStore(),
    stores: levelStores({ writeBufferBytes: 16 * mib }),
    telemetry: {
      log: (level: string, event: string, fields?: unknown) => {
        if (level === 'error') process.stderr.write(`${event} ${JSON.stringify(fields)}\n`)
      },
    },
  }
  const owner = { path, clusterId: clusterId('b'.repeat(22)), nodeId: nodeId(1) }
  await LogDirectory.format({ ...ports, ...owner })
  const settings = { ...dataStorageSettings(defaults), tailCacheBytes: 8 * mib }
  return LogDirectory.open({ ports, ...owner, settings })
}

async function measure(directory: LogDirectory, recordCount: number): Promise<readonly Row[]> {
  const log = await directory.createLog({
    topicId: topicId('b'.repeat(22)),
    partition: partitionIndex(0),
    policy: plainPolicy('interval', 64 * mib),
  })
  await fill(log, recordCount)
  const clock = systemClock()
  const loop = monitorEventLoopDelay({ resolution: 1 })
  const memoryBefore = await collectedMemory()
  let memoryMax = memoryBefore
  const watch = setInterval(() => {
    memoryMax = Math.max(memoryMax, memoryInUse())
  }, 5)
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  loop.enable()
  const { cleanedTo, bytesBefore, bytesAfter } = await log.compact({
    from: log.cleanedTo(),
    upTo: log.endOffset(),
    nowMs: Date.now(),
    deleteRetentionMs: 86_400_000,
    segmentBytes: 64 * mib,
    keysBytesMax: 128 * mib,
    seed: 1,
    producerEnd: () => undefined,
    compressor: nativeCompressor(),
    throttle: new Throttle(clock, () => Infinity),
    signal: new AbortController().signal,
  })
  loop.disable()
  const seconds = (performance.now() - startedAt) / 1000
  const used = process.cpuUsage(cpu)
  clearInterval(watch)
  if (cleanedTo < recordCount * 0.6) throw new Error(`compacted to ${cleanedTo} only`)
  const name = `compact: ${recordCount / 1e6} M records, ${keyCount / 1e3} k keys`
  return [
    { name, value: seconds, unit: 's', atMost: 60 },
    {
      name: `${name}, extra memory`,
      value: (memoryMax - memoryBefore) / 1e6,
      unit: 'MB',
      atMost: 200,
    },
    {
      name: `${name}, CPU`,
      value: (used.user + used.system) / 1e3 / (bytesBefore / 1e6),
      unit: 's/GB',
    },
    { name: `${name}, event loop kept, p99.9`, value: loop.percentile(99.9) / 1e6, unit: 'ms' },
    { name: `${name}, event loop kept, longest`, value: loop.max / 1e6, unit: 'ms' },
    { name: `${name}, bytes before`, value: bytesBefore / 1e6, unit: 'MB' },
    { name: `${name}, bytes after`, value: bytesAfter / 1e6, unit: 'MB' },
  ]
}

function memoryInUse(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Buffers are let go of a while after they are collected. */
async function collectedMemory(): Promise<number> {
  v8.setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  for (let count = 0; count < 3; count++) {
    if (typeof collect === 'function') Reflect.apply(collect, undefined, [])
    await pause(300)
  }
  return memoryInUse()
}

/** Appends records of keys drawn at random, a few batches at a time. */
async function fill(log: PartitionLog, recordCount: number): Promise<void> {
  const random = seededRandom('compact')
  const keys = Array.from({ length: keyCount }, (_, index) => Buffer.from(`key-${index}`))
  const value = Buffer.alloc(valueBytes, 'v')
  const waiting: Promise<unknown>[] = []
  for (let left = recordCount; left > 0;) {
    const writer = new BatchWriter(new Uint8Array(batchBytes), 0, batchBytes)
    while (left > 0 && writer.fits(valueBytes + 80)) {
      writer.append(keys[random.below(keyCount)], value, 1_700_000_000_000)
      left -= 1
    }
    const length = writer.seal()
    stampBatch(writer.bytes, 0, { baseOffset: log.endOffset(), leaderEpoch: epoch(0) })
    waiting.push(log.append(writer.bytes.subarray(0, length)))
    if (waiting.length >= 64) await Promise.all(waiting.splice(0))
  }
  await Promise.all(waiting)
}
