/**
 * The group commit of one flush mode. A group is everything that arrived while the last one was
 * being written: logs with much in it go straight to their segment file, everything smaller and all
 * rows go in one write to the journal. One group is in flight; it is answered when all of it is
 * durable.
 *
 * A log with unsettled bytes may still go straight to its file: then the unsettled bytes are written
 * there again, before the new ones, and their journal entries are settled by that. Without it a busy
 * log would never leave the journal.
 *
 * Invariants:
 * - what a log has in a group is in the order of its calls, and a later group holds what is later;
 * - nothing is in two groups; an append that waits for room waits with all that is behind it.
 */
import { type Epoch, type Offset } from '../../base/id.ts'
import { Bell } from '../runtime/bell.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type CommitMark } from './commit-mark.ts'
import { type Extent } from './extent.ts'
import { tableBytes, type JournalEntry } from './journal-group.ts'
import { type GroupPlace, type JournalLife, type JournalRing } from './journal-ring.ts'
import { type Held, type LogState } from './log-state.ts'
import { extentsOf } from './placement.ts'
import { type SegmentHandle } from './segment-files.ts'
import { type StorageSettings } from './storage-settings.ts'
import { type TailEntry } from './tail.ts'

/** A move of a log's start: unlike a cut it takes its turn among the appends. */
export interface StartMove {
  readonly kind: 'start'
  readonly offset: Offset
}

/** A truncation, restart or drop. */
export type CutEntry =
  { readonly kind: 'truncate' | 'restart'; readonly offset: Offset } | { readonly kind: 'drop' }

/** Where an entry was committed. */
export interface CommittedGroup {
  readonly number: number
  readonly life: JournalLife
}

/** What waits for a group. */
interface Waiting {
  readonly log: LogState
  readonly entry: TailEntry | undefined
  readonly cut: CutEntry | StartMove | undefined
  /** The log's when it was submitted. */
  readonly generation: number
  readonly resolve: (group: CommittedGroup) => void
  readonly reject: (cause: Error) => void
}

/** A finished direct write. */
export interface DirectWrite {
  readonly log: LogState
  readonly entries: readonly TailEntry[]
  readonly extents: readonly Extent[]
  /** Held for the write; the receiver releases it. */
  readonly handle: SegmentHandle
  readonly group: number
  /** Lives of the journal entries that the extents reflect. */
  readonly holds: readonly JournalLife[]
}

interface Direct {
  readonly log: LogState
  readonly items: readonly Waiting[]
  readonly absorbed: readonly Held[]
  readonly entries: readonly TailEntry[]
  readonly extents: readonly Extent[]
  readonly handle: SegmentHandle
  readonly position: number
}

interface Group {
  readonly journaled: readonly Waiting[]
  readonly direct: readonly Direct[]
  readonly place: GroupPlace
  readonly slices: readonly Uint8Array[]
}

/** What the group commit works with. */
export interface GroupCommitParts {
  readonly ring: JournalRing
  readonly settings: StorageSettings
  readonly mark: CommitMark
  readonly lifecycle: Lifecycle
  readonly markEachGroup: boolean
  /** True while appends are held back: too much is unsettled. */
  readonly isHeldBack: () => boolean
  /** The journal holds so many bytes more than before. */
  readonly holdsMore: (bytes: number) => void
  /** What the journal holds of a log is to be settled. */
  readonly settleSoon: (log: LogState) => void
  readonly settleAllSoon: (logIds: ReadonlySet<number>) => void
  readonly directIsDone: (write: DirectWrite) => void
  /** The entry is durable in that life, whose hold the receiver gives back. */
  readonly startIsMoved: (log: LogState, offset: Offset, life: JournalLife) => void
  readonly groupIsDone: (group: CommittedGroup, journalBytes: number) => void
}

/** Writes groups. */
export class GroupCommit {
  readonly ring: JournalRing
  readonly #parts: GroupCommitParts
  #waiting: Waiting[] = []
  #isRunning = false
  #inFlight: Group | undefined
  #failure: Error | undefined
  readonly #paused = new Bell()

  constructor(parts: GroupCommitParts) {
    this.ring = parts.ring
    this.#parts = parts
  }

  /** An append; resolves with the log's durable end. */
  async append(log: LogState, entry: TailEntry): Promise<Offset> {
    return new Promise<Offset>((resolve, reject) => {
      const answer = (): void => {
        resolve(log.durable)
      }
      const { generation } = log
      this.#submit({ log, entry, cut: undefined, generation, resolve: answer, reject })
    })
  }

  /** A truncation, restart, drop or start move; resolves when its journal entry is durable. */
  async cut(log: LogState, cut: CutEntry | StartMove): Promise<CommittedGroup> {
    return new Promise<CommittedGroup>((resolve, reject) => {
      const { generation } = log
      this.#submit({ log, entry: undefined, cut, generation, resolve, reject })
    })
  }

  /** Looks again whether a group can start. */
  kick(): void {
    if (this.#isRunning || this.#waiting.length === 0 || this.#failure !== undefined) return
    this.#isRunning = true
    this.#parts.lifecycle.spawn('group-commit', async () => this.#run())
  }

  /** Resolves when nothing waits or is in flight. */
  async idle(): Promise<void> {
    while (this.#isRunning || this.#waiting.length > 0) await this.#paused.wait()
  }

  /** Rejects all that waits or is in flight: it is unknown what of it is there. */
  fail(cause: Error): void {
    this.#failure = cause
    const group = this.#inFlight
    const all = [
      ...(group?.journaled ?? []),
      ...(group?.direct.flatMap(({ items }) => items) ?? []),
      ...this.#waiting,
    ]
    this.#waiting = []
    this.#inFlight = undefined
    for (const item of all) {
      item.log.inFlightCount -= 1
      item.reject(cause)
      item.log.changed.ring()
    }
    this.#paused.ring()
  }

  #submit(item: Waiting): void {
    if (this.#failure !== undefined) {
      item.reject(this.#failure)
      return
    }
    item.log.inFlightCount += 1
    this.#waiting.push(item)
    this.kick()
  }

  async #run(): Promise<void> {
    try {
      await Promise.resolve() // all that is appended in this turn goes into one group
      for (let group = this.#form(); group !== undefined; group = this.#form())
        await this.#write(group)
    } finally {
      this.#isRunning = false
      this.#paused.ring()
    }
  }

  /** Takes what fits into the next group; undefined when nothing can start now. */
  #form(): Group | undefined {
    if (this.#waiting.length === 0 || this.#failure !== undefined) return undefined
    const { journaled, direct } = this.#take(this.#parts.isHeldBack())
    if (journaled.length === 0 && direct.length === 0) return undefined
    const entries: JournalEntry[] = []
    for (const { log, extents } of direct)
      for (const extent of extents)
        entries.push({
          kind: 'extent',
          logId: log.logId,
          run: extent,
          position: extent.position,
          fileId: extent.fileId,
        })
    const bodies: Uint8Array[] = []
    let bodiesBytes = 0
    for (const { log, entry, cut } of journaled) {
      if (cut !== undefined) entries.push({ ...cut, logId: log.logId })
      if (entry === undefined || entry.isGone) continue
      entries.push({ kind: 'held', logId: log.logId, run: entry.run, position: bodiesBytes })
      bodies.push(entry.bytes)
      bodiesBytes += entry.bytes.length
    }
    const { bytes, place, isNewLife } = this.ring.encode(entries, bodiesBytes)
    if (isNewLife) this.#settleStale()
    return { journaled, direct, place, slices: [bytes, ...bodies] }
  }

  /**
   * Splits what waits: straight to a file, into the journal, or for a later group; each log in order.
   * What is held back are appends, but for those that a cut waits for: its log could not be settled.
   */
  #take(isHeldBack: boolean): {
    readonly journaled: readonly Waiting[]
    readonly direct: readonly Direct[]
  } {
    const byLog = new Map<LogState, Waiting[]>()
    for (const item of this.#waiting) {
      const items = byLog.get(item.log)
      if (items === undefined) byLog.set(item.log, [item])
      else items.push(item)
    }
    const journaled: Waiting[] = []
    const direct: Direct[] = []
    const left: Waiting[] = []
    const budget = { entryCount: 0, bodiesBytes: 0, bodiesMax: this.ring.bodiesBytesMax() }
    for (const [log, items] of byLog) {
      if (isHeldBack && items[0]?.cut === undefined && !log.isCutting) {
        left.push(...items)
        continue
      }
      const straight = this.#goStraight(log, items, budget)
      if (straight !== undefined) {
        direct.push(straight)
        continue
      }
      const count = this.#fitting(items, budget)
      for (let index = 0; index < items.length; index++) {
        const item = items[index]
        if (item !== undefined) (index < count ? journaled : left).push(item)
      }
    }
    this.#waiting = left
    return { journaled, direct }
  }

  /** Room in the log's segment file for all that it has here, when that is much. */
  #goStraight(log: LogState, items: readonly Waiting[], budget: Budget): Direct | undefined {
    let bytes = 0
    let newestMs = -1
    for (const { entry } of items) {
      if (entry === undefined) return undefined
      bytes += entry.bytes.length
      newestMs = Math.max(newestMs, entry.run.maxTimestampMs)
    }
    const { writer } = log
    if (bytes < this.#parts.settings.directBytesMin || writer === undefined) return undefined
    if (log.isSettling || log.held.some(({ entry }) => entry === undefined)) return undefined
    const entryCount = budget.entryCount + items.length + log.held.length
    if (!this.ring.hasRoom(tableBytes(entryCount) + budget.bodiesBytes)) return undefined
    const wanted = { bytes: bytes + log.heldBytes, newestMs }
    const reservation = writer.reserve(wanted)
    if (reservation === undefined) {
      writer.prepareSoon(wanted)
      return undefined
    }
    budget.entryCount = entryCount
    const absorbed = log.takeHeld()
    const entries: TailEntry[] = []
    for (const { entry } of [...absorbed, ...items])
      if (entry !== undefined && !entry.isGone) entries.push(entry)
    const { handle, position } = reservation
    const extents = extentsOf(entries, handle.fileId, position)
    return { log, items, absorbed, entries, extents, handle, position }
  }

  /** How many of a log's items the journal can take into this group. */
  #fitting(items: readonly Waiting[], budget: Budget): number {
    for (const [index, { log, entry }] of items.entries()) {
      const length = entry?.bytes.length ?? 0
      if (length > budget.bodiesMax) {
        // It can only go straight to a file: what is held is settled and the file prepared.
        this.#parts.settleSoon(log)
        return index
      }
      const bodiesBytes = budget.bodiesBytes + length
      const isFull = bodiesBytes > budget.bodiesMax
      if (isFull || !this.ring.hasRoom(tableBytes(budget.entryCount + 1) + bodiesBytes))
        return index
      budget.entryCount += 1
      budget.bodiesBytes = bodiesBytes
    }
    return items.length
  }

  async #write(group: Group): Promise<void> {
    this.#inFlight = group
    const { place, direct, journaled } = group
    const writes = direct.map(async ({ handle, position, entries }) =>
      handle.file.write(
        position,
        entries.map(({ bytes }) => bytes),
      ),
    )
    writes.push(place.life.file.file.write(place.position, group.slices))
    // While the disk works: small bytes leave the frames they came in.
    for (const { entry } of journaled) if (entry !== undefined) entry.tail.detach(entry)
    const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
    if (this.ring.mode === 'ack') await this.#mark(group)
    if (this.#failure !== undefined) return
    this.#inFlight = undefined
    this.#complete(group)
  }

  /** The mark follows the group; where every group is marked, the answer waits for it. */
  async #mark({ place, journaled, direct }: Group): Promise<void> {
    const { mark } = this.#parts
    const { floor } = mark.state().rings.ack
    mark.noteRing('ack', { answered: place.header.number, floor })
    if (!this.#parts.markEachGroup) return
    const items = [...journaled, ...direct.flatMap((each) => each.items)]
    const last = items.findLast(({ entry }) => entry?.isGone === false)?.entry
    if (last === undefined) return
    const { epoch, next } = last.run
    if (isBeyond(mark.state().end, epoch, next)) mark.noteEnd({ epoch, endOffset: next })
    await mark.write()
  }

  #complete({ place, journaled, direct, slices }: Group): void {
    const { life, header } = place
    const done: CommittedGroup = { number: header.number, life }
    let heldBytes = 0
    for (const item of journaled) {
      const { log, entry, cut } = item
      this.ring.hold(life, log.logId)
      if (cut?.kind === 'start') {
        this.#parts.startIsMoved(log, cut.offset, life)
        continue
      }
      const bytes = entry?.bytes.length ?? 0
      log.hold({ life, group: header.number, entry, bytes })
      heldBytes += bytes
      advance(item)
    }
    for (const each of direct) heldBytes -= this.#completeDirect(each, done)
    this.#parts.holdsMore(heldBytes)
    let journalBytes = 0
    for (const slice of slices) journalBytes += slice.length
    this.#parts.groupIsDone(done, journalBytes)
    // Only now: a settle takes whole groups, since the table remembers how far it got by group.
    for (const { log } of journaled)
      if (log.heldBytes >= this.#parts.settings.settleBytes) this.#parts.settleSoon(log)
    for (const item of journaled) answer(item, done)
    for (const { items } of direct) for (const item of items) answer(item, done)
  }

  /** The bytes that the journal need not hold any more. */
  #completeDirect(direct: Direct, { number, life }: CommittedGroup): number {
    const { log, items, absorbed, entries, extents, handle } = direct
    log.place(extents)
    this.ring.hold(life, log.logId)
    const holds = [life]
    let absorbedBytes = 0
    for (const held of absorbed) {
      holds.push(held.life)
      absorbedBytes += held.bytes
    }
    for (const item of items) advance(item)
    this.#parts.directIsDone({ log, entries, extents, handle, group: number, holds })
    return absorbedBytes
  }

  /** Journal files before the newest two are to be freed. */
  #settleStale(): void {
    for (const { logIds } of this.ring.staleLives()) this.#parts.settleAllSoon(logIds)
  }
}

interface Budget {
  entryCount: number
  bodiesBytes: number
  readonly bodiesMax: number
}

/** What a durable append means for its log, unless the log was cut since. */
function advance({ log, entry, generation }: Waiting): void {
  if (entry !== undefined && generation === log.generation) log.durable = entry.run.next
}

function answer(item: Waiting, group: CommittedGroup): void {
  item.log.inFlightCount -= 1
  item.resolve(group)
  if (item.log.isCutting) item.log.changed.ring()
}

function isBeyond(
  marked: { readonly epoch: Epoch; readonly endOffset: Offset } | undefined,
  epoch: Epoch,
  end: Offset,
): boolean {
  if (marked === undefined || epoch > marked.epoch) return true
  return epoch === marked.epoch && end > marked.endOffset
}
