import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs' // prettier-ignore
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clusterId, nodeId, offset, partitionIndex, topicId } from '../../../src/base/id.ts'
import { verifyLogDirectory, type Verified } from '../../../src/app/inspect/verify-log-directory.ts'
import { storagePorts } from '../../../src/app/server/storage-ports.ts'
import { LogDirectory } from '../../../src/engine/storage/log-directory.ts'
import { plainPolicy } from '../../../src/engine/storage/partition-log.ts'
import { makeBatch, smallStorage } from '../../../src/sim/storage/storage-world.ts'

const owner = { clusterId: clusterId('C'.repeat(22)), nodeId: nodeId(1) }
const ports = storagePorts()
const batchCount = 40
let path = ''

async function open(of = owner): Promise<LogDirectory> {
  return LogDirectory.open({ ports, path, ...of, settings: smallStorage })
}

beforeEach(async () => {
  path = join(mkdtempSync(join(tmpdir(), 'sluice-damaged-')), 'data')
  await LogDirectory.format({ ...ports, ...owner, path })
  const directory = await open()
  for (const topic of ['a', 'b']) {
    const name = { topicId: topicId(topic.repeat(22)), partition: partitionIndex(0) }
    const log = await directory.createLog({ ...name, policy: plainPolicy('ack', 2 ** 20) })
    for (let base = 0; base < batchCount; base++)
      await log.append(makeBatch({ base, tag: topic, bytes: 2000 }))
  }
  await directory.close()
})

afterEach(() => {
  rmSync(join(path, '..'), { recursive: true, force: true })
})

async function verify(): Promise<Verified> {
  return verifyLogDirectory(path, () => undefined)
}

function segments(): readonly string[] {
  return readdirSync(join(path, 'segments')).map((name) => join(path, 'segments', name))
}

/** Whether every log still gives all its bytes; a log that does not is refused as corrupt. */
async function readable(): Promise<readonly boolean[]> {
  const directory = await open()
  const logs = directory.logs()
  const found = await Promise.all(
    logs.map(async (log) => {
      try {
        let at = offset(0)
        while (at < log.endOffset())
          at = (await log.read({ from: at, bytesMax: 2 ** 20, provesBodies: true })).nextOffset
        return log.endOffset() === batchCount
      } catch (cause) {
        expect(cause).toMatchObject({ code: 'corrupt' })
        return false
      }
    }),
  )
  await directory.close()
  return found
}

test('a whole directory is found so, and counted', async () => {
  const { findings, logCount, bytes } = await verify()
  expect({ findings, logCount }).toEqual({ findings: [], logCount: 2 })
  expect(bytes).toBeGreaterThan(2 * batchCount * 2000)
  expect(await readable()).toEqual([true, true])
})

test('a flipped bit in a segment is found by name, and only its log suffers', async () => {
  const [file = ''] = segments()
  const bytes = readFileSync(file)
  bytes[5000] = (bytes[5000] ?? 0) ^ 1
  writeFileSync(file, bytes)
  const { findings } = await verify()
  expect(findings).toHaveLength(1)
  expect(findings[0]?.name).toMatch(/^(a{22}|b{22})-0 offsets \d+ to \d+, file \d+ at \d+$/)
  expect(findings[0]?.problem).toBe('the CRC of a batch is wrong')
  expect((await readable()).toSorted()).toEqual([false, true])
})

test('a segment that was cut is found, and its log is refused by name', async () => {
  const [file = ''] = segments()
  truncateSync(file, 10_000)
  const { findings } = await verify()
  expect(findings.map(({ problem }) => problem).join()).toContain('ends after')
  expect((await readable()).toSorted()).toEqual([false, true])
})

test('segments that changed places give nobody’s records to anybody', async () => {
  const [one = '', two = ''] = segments()
  const first = readFileSync(one)
  writeFileSync(one, readFileSync(two))
  writeFileSync(two, first)
  expect((await readable()).toSorted()).toEqual([false, false])
  const { findings } = await verify()
  expect(findings.filter(({ what }) => what === 'file')).toHaveLength(2)
  expect(findings[0]).toMatchObject({ what: 'file', name: one })
  expect(findings[0]?.problem).toMatch(/^it is not the segment of [ab]{22}-0$/)
})

test('an older copy of a segment is found, and its log is refused by name', async () => {
  const [file = ''] = segments()
  const stale = readFileSync(file).subarray(0, 30_000)
  writeFileSync(file, stale)
  expect((await verify()).findings.map(({ problem }) => problem).join()).toContain('ends after')
  expect((await readable()).toSorted()).toEqual([false, true])
})

test('a directory of another node, or of a newer or older version, is refused by name', async () => {
  await expect(open({ ...owner, nodeId: nodeId(2) })).rejects.toThrow('belongs to node 1')
  const marker = join(path, 'sluice.properties')
  const text = readFileSync(marker, 'utf8')
  const ours = Number(/^format=(\d+)\n/.exec(text)?.[1])
  for (const format of [ours + 1, ours - 1]) {
    writeFileSync(marker, text.replace(`format=${ours}`, `format=${format}`))
    const refusal = `${marker} is of format ${format}, this version reads format ${ours}`
    await expect(open()).rejects.toThrow(refusal)
    await expect(verify()).rejects.toThrow(refusal)
  }
})

const isRoot = process.getuid?.() === 0

/** Makes the directory's disk read-only, in the way that this user may: root by a mount, others by mode. */
function makeReadOnly(): boolean {
  if (!isRoot) {
    chmodSync(path, 0o500)
    return true
  }
  const bind = spawnSync('mount', ['--bind', path, path])
  return bind.status === 0 && spawnSync('mount', ['-o', 'remount,ro,bind', path]).status === 0
}

function makeWritable(): void {
  if (isRoot) spawnSync('umount', ['-l', path])
  else chmodSync(path, 0o700)
}

test('a read-only directory is refused by name, and opens when it may be written to', async ({
  skip,
}) => {
  try {
    skip(!makeReadOnly(), 'root may not mount here')
    await expect(open()).rejects.toThrow(path)
  } finally {
    makeWritable()
  }
  expect(await readable()).toEqual([true, true])
})
