/**
 * The two halves of the recovery bench, each a process of its own: `fill` appends to many logs until
 * somebody kills it and writes down what was acknowledged; `open` opens what is left, says how long
 * that took, and checks it against the acknowledgements.
 *
 *   node recovery-process.ts fill DIR ACKS LOGS BYTES        node recovery-process.ts open DIR ACKS BOOT
 */
import { randomBytes } from 'node:crypto'
import { openSync, readFileSync, writeSync } from 'node:fs'
import { clusterId, epoch, nodeId, offset, partitionIndex, topicId } from '../../src/base/id.ts'
import { type TopicId } from '../../src/base/id.ts'
import { settings as declarations, type Settings } from '../../src/core/config/settings.ts'
import { stampBatch } from '../../src/core/record/batch-header.ts'
import { encodeBatch } from '../../src/core/record/batch-writer.ts'
import { levelStores } from '../../src/edge/leveldb/level-stores.ts'
import { useNativeCrc32c } from '../../src/edge/system/native-crc32c.ts'
import { systemClock } from '../../src/edge/system/system-clock.ts'
import { systemEntropy } from '../../src/edge/system/system-entropy.ts'
import { systemFileStore } from '../../src/edge/system/system-file-store.ts'
import { LogDirectory } from '../../src/engine/storage/log-directory.ts'
import { type PartitionLog, plainPolicy } from '../../src/engine/storage/partition-log.ts'
import { dataStorageSettings } from '../../src/engine/storage/storage-settings.ts'

const batchBytes = 4 * 1024
const outstanding = 512
const ackBytes = 8
const partition = partitionIndex(0)
let errorCount = 0

const defaults = Object.fromEntries(
  Object.entries(declarations).map(([key, { default: value }]) => [key, value]),
) as unknown as Settings

const [act, path = '', acksPath = '', ...rest] = process.argv.slice(2)
useNativeCrc32c()
if (act === 'fill') await fill(Number(rest[0]), Number(rest[1]))
else await reopen(rest[0] ?? '')

/** Appends until so many bytes are acknowledged, says so, and goes on until it is killed. */
async function fill(logCount: number, bytesMin: number): Promise<void> {
  const { format, options } = owner('fill')
  await LogDirectory.format(format)
  const directory = await LogDirectory.open(options)
  const logs: PartitionLog[] = []
  for (let index = 0; index < logCount; index++)
    logs.push(
      await directory.createLog({
        topicId: topicOf(index),
        partition,
        policy: plainPolicy('ack', 1024 ** 3),
      }),
    )
  const acks = openSync(acksPath, 'w')
  const template = encodeBatch({
    records: [{ value: randomBytes(batchBytes - 80), timestampMs: Date.now() }],
    baseOffset: offset(0),
    leaderEpoch: epoch(0),
  })
  let turn = 0
  let bytes = 0
  const loop = async (): Promise<never> => {
    for (;;) {
      const index = (turn += 7) % logCount
      const log = logs[index]
      if (log === undefined) throw new Error('no log')
      const batch = Uint8Array.from(template)
      stampBatch(batch, 0, { baseOffset: log.endOffset(), leaderEpoch: epoch(0) })
      const end = await log.append(batch)
      const ack = Buffer.alloc(ackBytes)
      ack.writeUInt32BE(index, 0)
      ack.writeUInt32BE(end, 4)
      writeSync(acks, ack)
      const before = bytes
      bytes += batch.length
      if (before < bytesMin && bytes >= bytesMin) process.stdout.write('filled\n')
    }
  }
  await Promise.all(Array.from({ length: outstanding }, loop))
}

/** Prints how long the open took, in milliseconds, and how many acknowledged records were missing. */
async function reopen(boot: string): Promise<void> {
  const { options } = owner(boot)
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const directory = await LogDirectory.open(options)
  const openMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  const ends = new Map<number, number>()
  const acks = readFileSync(acksPath)
  for (let at = 0; at + ackBytes <= acks.length; at += ackBytes) {
    const index = acks.readUInt32BE(at)
    ends.set(index, Math.max(ends.get(index) ?? 0, acks.readUInt32BE(at + 4)))
  }
  let lost = 0
  for (const [index, end] of ends)
    lost += Math.max(0, end - (directory.find(topicOf(index), partition)?.durableOffset() ?? 0))
  process.stdout.write(`${JSON.stringify({ openMs, cpuMs: (user + system) / 1000, lost })}\n`)
  // As it was found: the next open finds the same work.
  process.kill(process.pid, 'SIGKILL')
}

function owner(boot: string): {
  readonly format: Parameters<typeof LogDirectory.format>[0]
  readonly options: Parameters<typeof LogDirectory.open>[0]
} {
  const ports = {
    clock: systemClock(),
    entropy: systemEntropy(),
    files: { ...systemFileStore(), bootId: async () => Promise.resolve(boot) },
    stores: levelStores({ writeBufferBytes: 16 * 1024 * 1024 }),
    telemetry: {
      log: (level: string, event: string, fields?: unknown) => {
        if (level === 'error' && errorCount++ < 5)
          process.stderr.write(`${event} ${JSON.stringify(fields)}\n`)
      },
    },
  }
  const names = { path, clusterId: clusterId('b'.repeat(22)), nodeId: nodeId(1) }
  return {
    format: { ...ports, ...names },
    options: { ports, ...names, settings: dataStorageSettings(defaults) },
  }
}

function topicOf(index: number): TopicId {
  return topicId(String(index).padStart(22, 'b'))
}
