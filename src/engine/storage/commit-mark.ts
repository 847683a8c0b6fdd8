/**
 * The commit mark: what was answered, apart from journal and table, so that recovery can tell a torn
 * tail from lost data. A two-slot file. It names only what is durable already.
 *
 * Invariants:
 * - `answered` of a ring is a group that is durable with all that it names, or lower;
 * - no journal file is used again before both slots say that its groups are below the floor;
 * - an id below a bound in the mark may be in use, one at or above it never was.
 */
import { ByteReader, ByteWriter } from '../../base/bytes.ts'
import { epoch, offset } from '../../base/id.ts'
import { type Clock, type Timer } from '../ports/clock.ts'
import { type FileStore } from '../ports/file-store.ts'
import { Coalescer } from '../runtime/coalescer.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type Guard } from './guard.ts'
import { type FlushMode, type MarkedEnd } from './partition-log.ts'
import { TwoSlotFile } from './two-slot-file.ts'

/** Its file in the log directory. */
export const markName = 'mark'

const idleMs = 20
const staleMs = 100
const idBlock = 1024
const formatNumber = 1

/** What one journal ring has reached. */
export interface RingMark {
  /** `ack`: the last group answered; `interval`: the last group that was synced with all it names. */
  readonly answered: number
  /** The first group that may still be needed. */
  readonly floor: number
}

/** Ids of which blocks are reserved; each is the first id never given out. */
export interface IdBounds {
  readonly file: number
  readonly log: number
  readonly life: number
}

/** All that the mark says. */
export interface MarkState {
  readonly rings: Readonly<Record<FlushMode, RingMark>>
  /** Number of the last table batch that was synced. */
  readonly tableNumber: number
  readonly ids: IdBounds
  /** Only where every group is marked. */
  readonly end: MarkedEnd | undefined
}

const unused: RingMark = { answered: 0, floor: 1 }
const initial: MarkState = {
  rings: { ack: unused, interval: unused },
  tableNumber: 0,
  ids: { file: 1, log: 1, life: 1 },
  end: undefined,
}

/** What a mark works with. */
export interface CommitMarkParts {
  readonly clock: Clock
  readonly lifecycle: Lifecycle
  readonly guard: Guard
}

/** What the mark of a directory says that somebody else may have open. */
export async function readMark(files: FileStore, directory: string): Promise<MarkState> {
  const file = await TwoSlotFile.open(files, `${directory}/${markName}`, 'read')
  await file.close()
  return stateIn(file)
}

/** Keeps the mark of an open directory. */
export class CommitMark {
  readonly #file: TwoSlotFile
  readonly #clock: Clock
  readonly #lifecycle: Lifecycle
  readonly #writes: Coalescer
  readonly #next: { file: number; log: number; life: number }
  #state: MarkState
  #written: MarkState
  #isBothWanted = false
  #timer: Timer | undefined
  #notedAtMs = 0
  #writtenAtMs = 0

  private constructor(file: TwoSlotFile, by: CommitMarkParts) {
    this.#file = file
    this.#clock = by.clock
    this.#lifecycle = by.lifecycle
    this.#state = stateIn(file)
    this.#written = this.#state
    this.#next = { ...this.#state.ids }
    this.#writes = new Coalescer(async () => by.guard(async () => this.#write()))
  }

  /** Makes the file of a new directory. */
  static async create(files: FileStore, directory: string): Promise<void> {
    const file = await TwoSlotFile.create(files, `${directory}/${markName}`)
    await file.writeBoth(encode(initial))
    await file.close()
  }

  /** Opens the mark of a directory. */
  static async open(files: FileStore, directory: string, by: CommitMarkParts): Promise<CommitMark> {
    return new CommitMark(await TwoSlotFile.open(files, `${directory}/${markName}`), by)
  }

  /** What it says, the latest notes included. */
  state(): MarkState {
    return this.#state
  }

  /** Takes note of what a ring has reached; written soon, with whatever else is noted by then. */
  noteRing(mode: FlushMode, ring: RingMark): void {
    this.#state = { ...this.#state, rings: { ...this.#state.rings, [mode]: ring } }
    this.#soon()
  }

  /** Takes note of a synced table batch. */
  noteTable(tableNumber: number): void {
    this.#state = { ...this.#state, tableNumber }
    this.#soon()
  }

  /** Takes note of the end of the one log whose every group is marked; `write` makes it durable. */
  noteEnd(end: MarkedEnd | undefined): void {
    this.#state = { ...this.#state, end }
  }

  /** Ids seen in rows, files and journals are never given out again. */
  skipIds(seen: IdBounds): void {
    for (const kind of ['file', 'log', 'life'] as const)
      this.#next[kind] = Math.max(this.#next[kind], seen[kind])
  }

  /** A fresh id. */
  async takeId(kind: keyof IdBounds): Promise<number> {
    const id = this.#next[kind]
    this.#next[kind] += 1
    if (id >= this.#state.ids[kind]) {
      this.#state = { ...this.#state, ids: { ...this.#state.ids, [kind]: id + idBlock } }
      await this.writeBoth()
    } else if (id >= this.#written.ids[kind]) await this.writeBoth()
    return id
  }

  /** Makes all notes durable in one slot. */
  async write(): Promise<void> {
    await this.#writes.run()
  }

  /** Makes all notes durable in both slots. */
  async writeBoth(): Promise<void> {
    this.#isBothWanted = true
    await this.#writes.run()
  }

  /** Closes the file; notes not yet written are lost. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    await this.#file.close()
  }

  async #write(): Promise<void> {
    const state = this.#state
    const isBoth = this.#isBothWanted
    this.#isBothWanted = false
    this.#writtenAtMs = this.#clock.nowMs()
    await (isBoth ? this.#file.writeBoth(encode(state)) : this.#file.write(encode(state)))
    this.#written = state
  }

  /** When idle for 20 ms, and at most every 100 ms while busy. */
  #soon(): void {
    this.#notedAtMs = this.#clock.nowMs()
    this.#timer ??= this.#clock.after(idleMs, () => {
      this.#timer = undefined
      this.#onTimer()
    })
  }

  #onTimer(): void {
    if (this.#state === this.#written) return
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#notedAtMs < idleMs && nowMs - this.#writtenAtMs < staleMs) {
      const notedAtMs = this.#notedAtMs
      this.#soon()
      this.#notedAtMs = notedAtMs
      return
    }
    this.#lifecycle.spawn('commit-mark', async () => this.write())
  }
}

function stateIn(file: TwoSlotFile): MarkState {
  const bytes = file.load()
  return bytes === undefined ? initial : decode(bytes)
}

function encode(state: MarkState): Uint8Array {
  const { rings, ids, end } = state
  const writer = new ByteWriter(128).uint8(formatNumber)
  for (const ring of [rings.ack, rings.interval]) writer.int64(ring.answered).int64(ring.floor)
  writer.int64(state.tableNumber).int64(ids.file).int64(ids.log).int64(ids.life)
  writer.uint8(end === undefined ? 0 : 1)
  if (end !== undefined) writer.int32(end.epoch).int64(end.endOffset)
  return writer.finish()
}

function decode(bytes: Uint8Array): MarkState {
  const reader = new ByteReader(bytes)
  reader.uint8()
  const ring = (): RingMark => ({ answered: reader.int64(), floor: reader.int64() })
  return {
    rings: { ack: ring(), interval: ring() },
    tableNumber: reader.int64(),
    ids: { file: reader.int64(), log: reader.int64(), life: reader.int64() },
    end:
      reader.uint8() === 1
        ? { epoch: epoch(reader.int32()), endOffset: offset(reader.int64()) }
        : undefined,
  }
}
