/**
 * The ring of journal files of one flush mode. A use of a file is a *life* with a number of its own;
 * groups go into the newest life one after the other, and a file is used again only when everything
 * in it is reflected by synced table batches and the commit mark says so in both slots.
 *
 * Invariants:
 * - lives and group numbers grow in the order of writing, over all files;
 * - lives retire strictly oldest first;
 * - a file in `#free` is allocated, synced and named in its synced directory, and its next life's
 *   number is reserved.
 */
import { assert } from '../../base/assert.ts'
import { type DirectoryId } from '../../base/id.ts'
import { type File, type FileStore } from '../ports/file-store.ts'
import { Coalescer } from '../runtime/coalescer.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type CommitMark } from './commit-mark.ts'
import { closeOnFailure } from './guard.ts'
import {
  aligned,
  encodeGroup,
  ringSeed,
  tableBytes,
  type GroupHeader,
  type JournalEntry,
} from './journal-group.ts'
import { type FlushMode } from './partition-log.ts'
import { type StorageSettings } from './storage-settings.ts'

/** A journal file. */
export interface RingFile {
  readonly path: string
  readonly file: File
  readonly capacity: number
}

interface FreeFile extends RingFile {
  readonly life: number
}

/** One use of a journal file. */
export interface JournalLife {
  readonly ring: JournalRing
  readonly life: number
  readonly file: RingFile
  readonly firstGroup: number
  /** Where the next group goes. */
  position: number
  /** Entries that no synced table batch reflects yet. */
  heldCount: number
  /** Logs that had such entries, by id. */
  readonly logIds: Set<number>
}

/** What recovery found of a ring. */
export interface RecoveredRing {
  /** Lives that are still needed, oldest first. */
  readonly lives: readonly Omit<JournalLife, 'ring'>[]
  readonly freeFiles: readonly RingFile[]
  readonly lastLife: number
  /** The last group that counts. */
  readonly lastGroup: number
  /** Above every group number that anything remembers, groups that were cut off included. */
  readonly nextGroup: number
  readonly lastCrc: number
  readonly fileCount: number
}

/** Where a group goes. */
export interface GroupPlace {
  readonly life: JournalLife
  readonly position: number
  readonly header: GroupHeader
}

const freeCountMax = 3
const growthFactor = 4
const groupBytesMax = 8 * 1024 * 1024

/** Journal files and the numbers of groups. */
export class JournalRing {
  readonly mode: FlushMode
  readonly #files: FileStore
  readonly #directory: string
  readonly #seed: number
  readonly #settings: StorageSettings
  readonly #mark: CommitMark
  readonly #lifecycle: Lifecycle
  readonly #hasRoomNow: () => void
  readonly #isRetired: (file: RingFile) => void
  readonly #retiring: Coalescer
  readonly #preparing: Coalescer
  readonly #lives: JournalLife[]
  readonly #free: FreeFile[] = []
  #fileCount: number
  #previousLife: number
  #nextGroup: number
  #keptThrough: number
  #previousCrc: number
  #isPreparing = false
  /** False until recovery has brought back what the lives hold. */
  #mayRetire = false
  /** The life that this process writes; recovered ones are only read. */
  #current: JournalLife | undefined

  private constructor(options: OpenRing) {
    this.mode = options.mode
    this.#files = options.files
    this.#directory = options.directory
    this.#seed = ringSeed(options.directoryId, options.mode)
    this.#settings = options.settings
    this.#mark = options.mark
    this.#lifecycle = options.lifecycle
    this.#hasRoomNow = options.hasRoomNow
    this.#isRetired = options.isRetired
    this.#lives = options.recovered.lives.map((life) => ({ ...life, ring: this }))
    this.#fileCount = options.recovered.fileCount
    this.#previousLife = options.recovered.lastLife
    this.#keptThrough = options.recovered.lastGroup
    this.#nextGroup = options.recovered.nextGroup
    this.#previousCrc = options.recovered.lastCrc
    this.#retiring = new Coalescer(async () => this.#retire())
    this.#preparing = new Coalescer(async () => this.#prepare())
  }

  /**
   * Opens the ring on a fresh life. Its first group is synced before anything else is written: it
   * says which group of the life before was the last one kept, so that what was cut stays cut.
   */
  static async open(options: OpenRing): Promise<JournalRing> {
    const ring = new JournalRing(options)
    try {
      await ring.#begin(options)
      return ring
    } catch (cause) {
      await ring.close() // nobody else knows of it: a full disk is tried again and again
      throw cause
    }
  }

  async #begin(options: OpenRing): Promise<void> {
    // A file whose preparation ran out of space is too short for a group.
    const isWhole = ({ capacity }: RingFile): boolean =>
      capacity >= options.settings.journalFirstBytes
    const spare = options.recovered.freeFiles
      .filter(isWhole)
      .sort((a, b) => b.capacity - a.capacity)
    const cut = options.recovered.freeFiles.filter((file) => !isWhole(file))
    for (const file of [...cut, ...spare.splice(freeCountMax)]) await this.#discard(file)
    for (const file of spare) await this.#addFree(file)
    if (this.#free.length === 0) await this.#prepare()
    const { bytes, place } = this.encode([], 0)
    await place.life.file.file.write(place.position, [bytes])
    await place.life.file.file.sync()
  }

  /** Number of the last group that was placed. */
  lastGroup(): number {
    return this.#nextGroup - 1
  }

  /** Lives in use, the present one included. */
  lifeCount(): number {
    return this.#lives.length
  }

  /** Lives before the newest two: what they hold should be settled. */
  staleLives(): readonly JournalLife[] {
    return this.#lives.slice(0, -2)
  }

  /** All lives, oldest first. */
  lives(): readonly JournalLife[] {
    return this.#lives
  }

  /** Most bytes of bodies in one group: a third of the smallest file, since entries can take as much again. */
  bodiesBytesMax(): number {
    const smallest = [...this.#free, this.#newest().file].reduce(
      (least, { capacity }) => Math.min(least, capacity),
      Infinity,
    )
    return Math.min(groupBytesMax, Math.floor(smallest / 3))
  }

  /** Whether a group of so many bytes can be placed now; if not, room is being made. */
  hasRoom(bytes: number): boolean {
    const newest = this.#newest()
    const isHalfFull = newest.position + bytes > newest.file.capacity / 2
    if (isHalfFull && this.#free.length === 0 && !this.#isPreparing) {
      this.#isPreparing = true
      this.#lifecycle.spawn('prepare-journal', async () => this.#preparing.run())
    }
    const length = aligned(bytes)
    if (this.#current !== undefined && newest.position + length <= newest.file.capacity) return true
    return (this.#free[0]?.capacity ?? 0) >= length
  }

  /** Places a group and encodes its table; `hasRoom` was asked before. */
  encode(
    entries: readonly JournalEntry[],
    bodiesBytes: number,
  ): { readonly bytes: Uint8Array; readonly place: GroupPlace; readonly isNewLife: boolean } {
    const number = this.#nextGroup
    const length = aligned(tableBytes(entries.length) + bodiesBytes)
    const lifeCount = this.#lives.length
    const life = this.#lifeFor(length, number)
    const header: GroupHeader = {
      life: life.life,
      number,
      answered: this.#mark.state().rings[this.mode].answered,
      previousLife: this.#previousLife,
      keptThrough: this.#keptThrough,
      previousCrc: this.#previousCrc,
    }
    const { bytes, crc } = encodeGroup(header, entries, { bodiesBytes, seed: this.#seed })
    const position = life.position
    life.position += length
    this.#keptThrough = number
    this.#nextGroup += 1
    this.#previousCrc = crc
    const isNewLife = this.#lives.length > lifeCount
    return { bytes, place: { life, position, header }, isNewLife }
  }

  /** An entry in a life waits for the table. */
  hold(life: JournalLife, logId: number): void {
    life.heldCount += 1
    life.logIds.add(logId)
  }

  /** A synced table batch reflects an entry. */
  release(life: JournalLife): void {
    life.heldCount -= 1
    assert(life.heldCount >= 0, 'a journal entry was released twice')
    if (life === this.#lives[0]) this.#retireSoon()
  }

  /** What the lives hold is known: lives that hold nothing may go from now on. */
  async beginRetiring(): Promise<void> {
    this.#mayRetire = true
    await this.#retiring.run()
  }

  /** Retires whatever nothing holds, and lets the mark say that nothing is needed if that is so. */
  async retireAll(): Promise<void> {
    await this.#retiring.run()
    const newest = this.#newest()
    if (this.#lives.length > 1 || newest.heldCount > 0) return
    const last = this.lastGroup()
    this.#mark.noteRing(this.mode, { answered: last, floor: last + 1 })
  }

  /** Syncs the present file, where writes do not do so by themselves. */
  async syncAll(): Promise<void> {
    for (const life of this.#lives) await life.file.file.sync()
  }

  /** Closes all files. */
  async close(): Promise<void> {
    for (const { file } of [...this.#lives.map((life) => life.file), ...this.#free])
      await file.close()
  }

  #newest(): JournalLife {
    return this.#present(this.#lives.at(-1))
  }

  #present(life: JournalLife | undefined): JournalLife {
    assert(life !== undefined, 'a journal ring without a life')
    return life
  }

  #lifeFor(length: number, number: number): JournalLife {
    const current = this.#current
    if (current !== undefined && current.position + length <= current.file.capacity) return current
    const file = this.#free.shift()
    assert(file !== undefined && length <= file.capacity, 'no journal file is ready')
    this.#previousLife = current?.life ?? this.#previousLife
    this.#current = {
      ring: this,
      life: file.life,
      file,
      firstGroup: number,
      position: 0,
      heldCount: 0,
      logIds: new Set(),
    }
    this.#lives.push(this.#current)
    this.#retireSoon()
    return this.#current
  }

  #retireSoon(): void {
    const oldest = this.#lives[0]
    if (oldest === undefined || oldest.heldCount > 0 || this.#lives.length === 1) return
    if (!this.#mayRetire) return
    this.#lifecycle.spawn('retire-journal', async () => this.#retiring.run())
  }

  async #retire(): Promise<void> {
    while (await this.#retireOldest()) this.#hasRoomNow()
  }

  /** False when the oldest life is still needed. */
  async #retireOldest(): Promise<boolean> {
    const retired: JournalLife[] = []
    for (const [index, life] of this.#lives.entries()) {
      if (life.heldCount > 0 || index === this.#lives.length - 1) break
      retired.push(life)
    }
    const next = this.#lives[retired.length]
    if (retired.length === 0 || next === undefined) return false
    const { answered } = this.#mark.state().rings[this.mode]
    const floor = next.firstGroup
    this.#mark.noteRing(this.mode, { answered: Math.max(answered, floor - 1), floor })
    await this.#mark.writeBoth()
    this.#lives.splice(0, retired.length)
    for (const { file } of retired) {
      this.#isRetired(file)
      const isSmall = file.capacity < this.#settings.journalBytes && this.#free.length > 0
      if (isSmall || this.#free.length >= freeCountMax) await this.#discard(file)
      else await this.#addFree(file)
    }
    return true
  }

  async #prepare(): Promise<void> {
    const largest = this.#lives.reduce((most, { file }) => Math.max(most, file.capacity), 0)
    const { journalBytes, journalFirstBytes } = this.#settings
    const capacity = Math.min(journalBytes, Math.max(journalFirstBytes, largest * growthFactor))
    this.#fileCount += 1
    const path = `${this.#directory}/${this.mode}-${String(this.#fileCount).padStart(6, '0')}.journal`
    const file = await this.#files.open(path, { mode: 'create', durable: this.mode === 'ack' })
    await closeOnFailure(file, async () => {
      await file.allocate(capacity)
      await file.sync()
      await this.#files.syncDirectory(this.#directory)
      await this.#addFree({ path, file, capacity })
    })
    this.#isPreparing = false
    this.#hasRoomNow()
  }

  async #addFree(file: RingFile): Promise<void> {
    const life = await this.#mark.takeId('life')
    this.#free.push({ ...file, life })
  }

  async #discard(file: RingFile): Promise<void> {
    await file.file.close()
    await this.#files.remove(file.path)
  }
}

/** How a ring is opened. */
export interface OpenRing {
  readonly mode: FlushMode
  readonly files: FileStore
  readonly directory: string
  /** Whose journal it is. */
  readonly directoryId: DirectoryId
  readonly settings: StorageSettings
  readonly mark: CommitMark
  readonly lifecycle: Lifecycle
  readonly recovered: RecoveredRing
  /** Called when a group that had no room may have some. */
  readonly hasRoomNow: () => void
  /** Called when what was written to a file is not needed any more. */
  readonly isRetired: (file: RingFile) => void
}
