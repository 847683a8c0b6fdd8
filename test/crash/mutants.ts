/** Bugs planted into the workers of the crash cycles: each must lose something that the driver notices. */
import { type Mutant } from '../sim/mutants/mutant.ts'

/** Cycles within which it must be found. */
export type CrashMutant = Pick<Mutant, 'name' | 'file' | 'find' | 'replacement'>

/** All of them. */
export const crashMutants: readonly CrashMutant[] = [
  {
    name: 'appends are answered before they are durable',
    file: 'src/edge/system/system-file-store.ts',
    find: '(how.durable === true ? constants.O_DSYNC : 0)',
    replacement: '0',
  },
  {
    name: 'the directory of a new segment file is not synced',
    file: 'src/engine/storage/segment-files.ts',
    find: 'await file.sync()\n      await this.#names.run()',
    replacement: 'await file.sync()',
  },
  {
    name: 'the directory of a new journal file is not synced',
    file: 'src/engine/storage/journal-ring.ts',
    find: 'await file.sync()\n      await this.#files.syncDirectory(this.#directory)',
    replacement: 'await file.sync()',
  },
  {
    name: 'the mark is written before the group that it names',
    file: 'src/engine/storage/group-commit.ts',
    find: '    this.#inFlight = group\n',
    replacement:
      "    this.#inFlight = group\n    if (this.ring.mode === 'ack') await this.#mark(group)\n",
  },
  {
    name: 'recovered journals count as durable',
    file: 'src/engine/storage/recovery.ts',
    find: 'async ({ file }) => file.file.sync()',
    replacement: 'async ({ file }) => file.file.size()',
  },
  {
    name: 'rows of a settle are not synced before the journal goes',
    file: 'src/engine/storage/segment-table.ts',
    find: 'await this.store.batch(operations, { sync: true })',
    replacement: 'await this.store.batch(operations, { sync: false })',
  },
  {
    name: 'settled bytes are named before they are synced',
    file: 'src/engine/storage/segment-files.ts',
    find: "const handle = await this.#acquire(fileId, { mode: 'write', durable: isDurable })",
    replacement: "const handle = await this.#acquire(fileId, { mode: 'write', durable: false })",
  },
  {
    name: 'the last group that was kept is not remembered by the next life',
    file: 'src/engine/storage/journal-ring.ts',
    find: 'this.#keptThrough = options.recovered.lastGroup',
    replacement: 'this.#keptThrough = Infinity',
  },
  {
    name: 'a torn group is not cut as a whole',
    file: 'src/engine/storage/read-journal.ts',
    find: '(await bodiesOfAreSound(group)) && (await judge.rangesAreSound(group))',
    replacement: 'await bodiesOfAreSound(group)',
  },
  {
    name: 'a journal file is used again before the mark says so',
    file: 'src/engine/storage/journal-ring.ts',
    find: '    await this.#mark.writeBoth()\n    this.#lives.splice',
    replacement: '    this.#lives.splice',
  },
]
