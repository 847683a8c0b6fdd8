import { expect, test } from 'vitest'
import { epoch, offset } from '../../../../src/base/id.ts'
import { encodeGroup, tableBytes } from '../../../../src/engine/storage/journal-group.ts'
import { type File } from '../../../../src/engine/ports/file-store.ts'
import { BodyReader, scanGroups } from '../../../../src/engine/storage/scan-journal.ts'

const mib = 1024 * 1024
const seed = 7

interface Placed {
  readonly at: number
  readonly number: number
  readonly entryCount: number
  readonly bodiesBytes: number
}

/** A journal file with groups in it; their bodies are full of their number. */
function journal(capacity: number, groups: readonly Placed[]): Uint8Array {
  const bytes = new Uint8Array(capacity)
  for (const { at, number, entryCount, bodiesBytes } of groups) {
    const run = {
      first: offset(0),
      next: offset(1),
      epoch: epoch(0),
      batchCount: 1,
      maxTimestampMs: 0,
      headersCrc: 0,
      length: bodiesBytes,
    }
    const entry = { kind: 'held', logId: 1, run, position: 0 } as const
    const header = {
      life: 1,
      number,
      answered: 0,
      previousLife: 0,
      keptThrough: 0,
      previousCrc: 0,
    }
    const entries = Array.from({ length: entryCount }, () => entry)
    const group = encodeGroup(header, entries, { bodiesBytes, seed })
    const end = at + tableBytes(entryCount) + bodiesBytes
    bytes.set(group.bytes.subarray(0, capacity - at), at)
    bytes.fill(number, Math.min(at + tableBytes(entryCount), capacity), Math.min(end, capacity))
  }
  return bytes
}

function fileOf(bytes: Uint8Array): {
  readonly path: string
  readonly file: File
  readonly capacity: number
  readonly reads: number[]
} {
  const reads: number[] = []
  const file: File = {
    read: async (position, length) => {
      reads.push(length)
      return Promise.resolve(bytes.slice(position, position + length))
    },
    write: async () => Promise.reject(new Error('nothing is written')),
    sync: async () => Promise.resolve(),
    size: async () => Promise.resolve(bytes.length),
    allocate: async () => Promise.resolve(),
    close: async () => Promise.resolve(),
  }
  return { path: 'journal', file, capacity: bytes.length, reads }
}

const small = { entryCount: 1, bodiesBytes: 100 }

test('groups are found behind damage, behind nothing, and with tables of any size', async () => {
  const bytes = journal(8 * mib, [
    { at: 0, number: 1, ...small },
    { at: 4096, number: 2, entryCount: 20_000, bodiesBytes: 4096 },
    { at: 2 * mib, number: 3, ...small },
    { at: 2 * mib + 4096, number: 4, ...small },
    { at: 2 * mib + 8192, number: 5, entryCount: 3, bodiesBytes: mib },
    { at: 7 * mib, number: 6, ...small },
    { at: 8 * mib - 4096, number: 7, ...small },
  ])
  bytes[2 * mib + 20] = 1
  const groups = await scanGroups(fileOf(bytes), 2, seed)
  expect(groups.map(({ number }) => number)).toEqual([2, 4, 5, 6, 7])
  expect(groups[0]?.entries).toHaveLength(20_000)
  expect(groups[2]?.bodiesPosition).toBe(2 * mib + 8192 + tableBytes(3))
})

test('a group whose table or bodies do not end in the file is none', async () => {
  const from = mib - 8192
  const cutBody = journal(mib, [{ at: from, number: 1, entryCount: 1, bodiesBytes: 8192 }])
  expect(await scanGroups(fileOf(cutBody), 0, seed)).toEqual([])
  const cutTable = journal(mib, [{ at: from, number: 1, entryCount: 200, bodiesBytes: 0 }])
  expect(await scanGroups(fileOf(cutTable), 0, seed)).toEqual([])
})

test('bodies are not read for their headers, and those of small groups come many at once', async () => {
  const large = Array.from({ length: 7 }, (_, index) => ({
    at: index * mib,
    number: index + 1,
    entryCount: 2,
    bodiesBytes: mib - 4096,
  }))
  const tiny = Array.from({ length: 32 }, (_, index) => ({
    at: 7 * mib + index * 4096,
    number: index + 8,
    ...small,
  }))
  const file = fileOf(journal(8 * mib, [...large, ...tiny]))
  const groups = await scanGroups(file, 0, seed)
  expect(groups).toHaveLength(39)
  expect(file.reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(2.5 * mib)

  file.reads.length = 0
  const reader = new BodyReader(groups)
  for (const group of groups) {
    if (group.number % 5 === 0) continue
    const bodies = await reader.read(group)
    expect(bodies).toHaveLength(group.bodiesBytes)
    expect(bodies.every((byte) => byte === group.number)).toBe(true)
  }
  expect(file.reads.length).toBeLessThan(9)
})
