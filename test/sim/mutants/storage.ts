/** Planted bugs of the storage engine: the ways to lose or invent bytes that its rules close. */
import { type Mutant } from './mutant.ts'

const storage = 'src/engine/storage'
const found = { scenario: 'storage', seedCountMax: 60 } as const

/** Each breaks one rule. */
export const storageMutants: readonly Mutant[] = [
  {
    ...found,
    name: 'a group is answered before it is durable',
    file: `${storage}/journal-ring.ts`,
    find: "{ mode: 'create', durable: this.mode === 'ack' }",
    replacement: "{ mode: 'create', durable: false }",
  },
  {
    ...found,
    name: 'segment files are written without waiting for the disk',
    file: `${storage}/segment-files.ts`,
    find: "{ mode: 'create', durable: isDurable }",
    replacement: "{ mode: 'create', durable: false }",
  },
  {
    ...found,
    name: 'recovery vouches for what may be in the page cache alone',
    file: `${storage}/recovery.ts`,
    find: 'await mapBounded(syncsAtOnce, lives, async ({ file }) => file.file.sync())',
    replacement: '',
  },
  {
    ...found,
    name: 'a journal file is used again before its entries are in the table',
    file: `${storage}/journal-ring.ts`,
    find: 'if (life.heldCount > 0 || index === this.#lives.length - 1) break',
    replacement: 'if (index === this.#lives.length - 1) break',
  },
  {
    ...found,
    name: 'what one recovery cut off, the next one brings back',
    file: `${storage}/read-journal.ts`,
    find: 'if (group.number > limit) continue',
    replacement: 'if (limit < 0) continue',
  },
  {
    ...found,
    name: 'a settle starts in the middle of a group',
    file: `${storage}/group-commit.ts`,
    find: `      advance(item)
    }`,
    replacement: `      advance(item)
      this.#parts.settleSoon(log)
    }`,
  },
  {
    ...found,
    name: 'a new segment file’s name is not synced',
    file: `${storage}/segment-files.ts`,
    find: `      await this.#names.run()
    })
    this.#keep`,
    replacement: `    })
    this.#keep`,
  },
  {
    ...found,
    name: 'replay repeats what the table has already',
    file: `${storage}/replay.ts`,
    find: 'group.number > state.table.settledThrough',
    replacement: 'group.number > 0',
  },
  {
    ...found,
    name: 'writing goes on after a failed write',
    file: `${storage}/guard.ts`,
    find: '    assertSound()\n',
    replacement: '',
  },
  {
    ...found,
    name: 'numbers of groups that were cut off are used again',
    file: `${storage}/read-journal.ts`,
    find: 'nextGroup: Math.max(lastGroup, judge.lastSettled) + 1',
    replacement: 'nextGroup: lastGroup + 1',
  },
  {
    ...found,
    name: 'a truncation leaves the rows of the table as they are',
    file: `${storage}/log-table.ts`,
    find: 'if (extent !== undefined && extent.next <= offset) {',
    replacement: 'if (extent !== undefined) {',
  },
  {
    ...found,
    name: 'compaction drops a tombstone too early',
    file: 'src/core/replica/compaction.ts',
    find: 'const isPastHorizon = horizonMs !== undefined && rules.nowMs >= horizonMs',
    replacement: 'const isPastHorizon = horizonMs !== undefined',
  },
  {
    ...found,
    name: 'compaction drops the newest record of a key',
    file: 'src/core/replica/compaction.ts',
    find: 'return cursor.offset >= rules.keys.find(',
    replacement: 'return cursor.offset > rules.keys.find(',
  },
  {
    ...found,
    name: 'the active segment is compacted',
    file: 'src/engine/storage/cleaner.ts',
    find: 'this.#log.table.segments.slice(0, -1).filter(',
    replacement: 'this.#log.table.segments.filter(',
  },
  {
    ...found,
    name: 'compaction swaps rows before the new file is synced',
    file: 'src/engine/storage/segment-output.ts',
    find: '    await this.#parts.guard(async () => this.#handle.file.sync())\n',
    replacement: '',
  },
]
