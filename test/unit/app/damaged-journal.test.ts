/** A journal on real files that is not what the node left: nobody vouches for the logs, nobody gets wrong bytes. */
import { copyFileSync, cpSync, mkdtempSync, readdirSync, renameSync, rmSync, truncateSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clusterId, nodeId, offset, partitionIndex, topicId } from '../../../src/base/id.ts'
import { verifyLogDirectory } from '../../../src/app/inspect/verify-log-directory.ts'
import { storagePorts } from '../../../src/app/server/storage-ports.ts'
import { readMark } from '../../../src/engine/storage/commit-mark.ts'
import { LogDirectory } from '../../../src/engine/storage/log-directory.ts'
import { plainPolicy } from '../../../src/engine/storage/partition-log.ts'
import { makeBatch, smallStorage } from '../../../src/sim/storage/storage-world.ts'

const ports = storagePorts()
const owner = { clusterId: clusterId('C'.repeat(22)), nodeId: nodeId(1) }
const topics = ['a', 'b'] as const
const batchCount = 20
/** Two journal files for all of it: nothing settles before the directory is closed. */
const journalBytes = 128 * 1024
const settings = {
  ...smallStorage,
  journalBytes,
  journalFirstBytes: journalBytes,
  settleBytes: 2 ** 20,
}
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-journal-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

/** A directory as a kill leaves it, and its journal half-way; `nonce` is in every byte of its records. */
async function killed(name: string, nonce = ''): Promise<{ path: string; stale: string }> {
  const path = join(root, `${name}-running`)
  await LogDirectory.format({ ...ports, ...owner, path })
  const directory = await LogDirectory.open({ ports, path, ...owner, settings })
  const stale = join(root, `${name}-stale`)
  const logs = await Promise.all(
    topics.map(async (topic) => {
      const what = { topicId: topicId(topic.repeat(22)), partition: partitionIndex(0) }
      return directory.createLog({ ...what, policy: plainPolicy('ack', 2 ** 20) })
    }),
  )
  for (let base = 0; base < batchCount; base++) {
    for (const [index, log] of logs.entries())
      await log.append(makeBatch({ base, tag: `${topics[index] ?? ''}${nonce}`, bytes: 300 }))
    if (base === batchCount / 2) cpSync(join(path, 'journal'), stale, { recursive: true })
  }
  await vi.waitFor(async () => {
    expect((await readMark(ports.files, path)).rings.ack.answered).toBeGreaterThanOrEqual(
      2 * batchCount,
    )
  }, 10_000)
  const image = join(root, name)
  cpSync(path, image, { recursive: true })
  await directory.close()
  rmSync(join(image, 'LOCK'), { recursive: true })
  return { path: image, stale }
}

function journals(path: string): readonly string[] {
  return readdirSync(join(path, 'journal')).map((name) => join(path, 'journal', name))
}

interface Opened {
  readonly unclean: readonly string[]
  readonly ends: readonly number[]
}

/** Opens it and reads all: what is served is what was appended, to the byte, and it takes more. */
async function openAndRead(path: string): Promise<Opened> {
  const directory = await LogDirectory.open({ ports, path, ...owner, settings })
  const ends: number[] = []
  for (const topic of topics) {
    const log = directory.find(topicId(topic.repeat(22)), partitionIndex(0))
    let at = offset(0)
    const end = log?.endOffset() ?? 0
    ends.push(end)
    while (log !== undefined && at < end) {
      const { slices, nextOffset } = await log.read({ from: at, bytesMax: 1 })
      expect(Buffer.concat(slices)).toEqual(Buffer.from(makeBatch({ base: at, tag: topic, bytes: 300 }))) // prettier-ignore
      at = nextOffset
    }
    await log?.append(makeBatch({ base: end, tag: topic, bytes: 300 }))
  }
  await directory.close()
  const unclean = directory.report.uncleanLogs.map(({ topicId, reason }) => `${topicId.slice(0, 1)} ${reason}`) // prettier-ignore
  return { unclean: unclean.toSorted(), ends }
}

async function findings(path: string): Promise<string> {
  const verified = await verifyLogDirectory(path, () => undefined)
  return verified.findings.map(({ what, problem }) => `${what}: ${problem}`).join()
}

const missing = 'journal: answered groups are missing'
const nobodyVouches = ['a corrupt', 'b corrupt']

test('the journal of a killed node is whole, and all of it comes back', async () => {
  const { path } = await killed('whole')
  expect(await findings(path)).toBe('')
  expect(await openAndRead(path)).toEqual({ unclean: [], ends: [batchCount, batchCount] })
})

test('a journal that was cut is found, and no log is vouched for', async () => {
  const { path } = await killed('cut')
  for (const file of journals(path)) truncateSync(file, 8192)
  expect(await findings(path)).toBe(missing)
  expect((await openAndRead(path)).unclean).toEqual(nobodyVouches)
})

test('journal files that changed places are the same journal', async () => {
  const { path } = await killed('swapped')
  const [one = '', two = ''] = journals(path)
  renameSync(one, join(root, 'aside'))
  renameSync(two, one)
  renameSync(join(root, 'aside'), two)
  expect(await findings(path)).toBe('')
  expect(await openAndRead(path)).toEqual({ unclean: [], ends: [batchCount, batchCount] })
})

test('an older copy of the journal is found, and no log is vouched for', async () => {
  const { path, stale } = await killed('stale')
  for (const file of journals(path)) rmSync(file)
  cpSync(stale, join(path, 'journal'), { recursive: true })
  expect(await findings(path)).toBe(missing)
  expect((await openAndRead(path)).unclean).toEqual(nobodyVouches)
})

test('the journal of another node gives nobody’s records to anybody', async () => {
  const { path } = await killed('ours')
  const other = await killed('theirs', ' of another')
  for (const file of journals(path)) rmSync(file)
  cpSync(join(other.path, 'journal'), join(path, 'journal'), { recursive: true })
  expect(await findings(path)).toBe(missing)
  expect((await openAndRead(path)).unclean).toEqual(nobodyVouches)
})

test('the segments of another node give nobody’s records to anybody', async () => {
  const { path } = await killed('mine')
  await openAndRead(path)
  const other = await killed('foreign', ' of another')
  await LogDirectory.open({ ports, path: other.path, ...owner, settings }).then(async (directory) =>
    directory.close(),
  )
  for (const name of readdirSync(join(path, 'segments')))
    copyFileSync(join(other.path, 'segments', name), join(path, 'segments', name))
  expect(await findings(path)).toMatch(/file: it is not the segment of [ab]{22}-0/)
  await expect(openAndRead(path)).rejects.toMatchObject({ code: 'corrupt' })
})
