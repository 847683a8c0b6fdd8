/** A flipped bit in any file of a real directory: what was written is served, or something fails by name; never other bytes. */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { storagePorts } from '../../src/app/server/storage-ports.ts'
import { clusterId, nodeId } from '../../src/base/id.ts'
import { compareBytes, concatBytes } from '../../src/base/bytes.ts'
import { StorageFault } from '../../src/engine/ports/fault.ts'
import { LogDirectory } from '../../src/engine/storage/log-directory.ts'
import { type PartitionLog } from '../../src/engine/storage/partition-log.ts'
import { makeBatch, makeLog, smallStorage, topicOf } from '../../src/sim/storage/storage-world.ts'

const settings = { ...smallStorage, tailCacheBytes: 0 }
const logCount = 3
const flipsPerFile = 6

/** Everything that can be read of a log, by batch: a range that fails by name is passed over. */
async function readable(
  log: PartitionLog,
  ends: readonly number[],
): Promise<Map<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>()
  for (let from = log.startOffset(); from < log.endOffset();) {
    try {
      const read = await log.read({ from, bytesMax: 1, provesBodies: true })
      found.set(from, concatBytes(read.slices))
      from = read.nextOffset
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      from = (ends.find((end) => end > from) ?? log.endOffset()) as typeof from
    }
  }
  return found
}

/** What the last bit of a byte position did. */
async function openFlipped(
  directory: string,
  written: readonly (readonly Uint8Array[])[],
  flipped: string,
): Promise<'whole' | 'partly' | 'refused'> {
  const where = { path: directory, clusterId: clusterId('C'.repeat(22)), nodeId: nodeId(1) }
  let opened: LogDirectory
  try {
    opened = await LogDirectory.open({ ...where, settings, ports: storagePorts() })
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    expect(cause.message).toContain(directory)
    return 'refused'
  }
  let isWhole = true
  for (const [index, batches] of written.entries()) {
    const log = opened.logs().find(({ topicId }) => topicId === topicOf(index))
    const ends = batches.map((_, at) => at + 1)
    const found = log === undefined ? new Map<number, Uint8Array>() : await readable(log, ends)
    for (const [from, bytes] of found)
      expect(
        compareBytes(bytes, batches[from] ?? new Uint8Array(0)),
        `${flipped}: log ${index} at ${from}`,
      ).toBe(0)
    const { uncleanLogs, mayMissLogs } = opened.report
    const isUnclean = mayMissLogs || uncleanLogs.some(({ topicId }) => topicId === topicOf(index))
    const isDamaged = log?.damagedFrom() !== undefined
    if (found.size < batches.length) {
      expect(isUnclean || isDamaged, `${flipped}: log ${index} says nothing of what it lacks`).toBe(
        true,
      )
      isWhole = false
    }
  }
  await opened.close()
  return isWhole ? 'whole' : 'partly'
}

test('a flipped bit in any file of a directory shows no wrong byte and hides no loss', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'sluice-flip-'))
  try {
    const directory = path.join(root, 'data')
    const where = { path: directory, clusterId: clusterId('C'.repeat(22)), nodeId: nodeId(1) }
    const ports = storagePorts()
    await LogDirectory.format({ ...ports, ...where })
    const opened = await LogDirectory.open({ ...where, settings, ports })
    const written: Uint8Array[][] = []
    for (let index = 0; index < logCount; index++) {
      const log = await makeLog(opened, index)
      const batches: Uint8Array[] = []
      for (let count = 0; count < 12; count++) {
        const bytes = count % 3 === 0 ? 6000 : 700
        batches.push(makeBatch({ base: count, tag: `${index}.${count} `, bytes }))
        await log.append(batches.at(-1) ?? new Uint8Array(0))
      }
      written.push(batches)
    }
    // As a process kill leaves it, with much in the journal still; the lock goes with the process.
    await makeLog(opened, logCount) // the mark names its row, and so all that went before
    const killed = path.join(root, 'killed')
    cpSync(directory, killed, { recursive: true })
    await opened.close()
    const outcomes = new Map<string, number>()
    for (const source of [directory, killed])
      for (const flip of flipsIn(source)) {
        const copy = path.join(root, 'copy')
        cpSync(source, copy, { recursive: true })
        const bytes = readFileSync(path.join(copy, flip.name))
        bytes[flip.at] = (bytes[flip.at] ?? 0) ^ (1 << flip.bit)
        writeFileSync(path.join(copy, flip.name), bytes)
        const outcome = await openFlipped(copy, written, `${flip.name} at ${flip.at}`)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        rmSync(copy, { recursive: true })
      }
    expect(outcomes.get('whole')).toBeGreaterThan(5)
    expect(outcomes.get('partly')).toBeGreaterThan(2)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

interface Flip {
  readonly name: string
  readonly at: number
  readonly bit: number
}

/** A few positions of each file. */
function flipsIn(source: string): readonly Flip[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const stat = statSync(path.join(source, name))
    if (!stat.isFile() || stat.size === 0 || /LOCK|LOG|lock/.test(name)) return []
    const used = name.endsWith('.journal') ? Math.min(stat.size, 24 * 4096) : stat.size
    return Array.from({ length: flipsPerFile }, (_, flip) => ({
      name,
      at: Math.floor(((flip + 0.37) * used) / flipsPerFile),
      bit: flip % 8,
    }))
  })
}
