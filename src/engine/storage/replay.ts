/**
 * Brings the groups that recovery kept back into memory and on their way to the table, log by log in
 * group order, as if they had just been committed.
 */
import { type Telemetry } from '../ports/telemetry.ts'
import { type Extent } from './extent.ts'
import { type JournalEntry } from './journal-group.ts'
import { type JournalLife, type JournalRing } from './journal-ring.ts'
import { nameOf } from './log-reader.ts'
import { type Held, type LogState } from './log-state.ts'
import { type OpenLog } from './open-log.ts'
import { heldRun, type RingImage } from './read-journal.ts'
import { BodyReader, type FoundGroup } from './scan-journal.ts'
import { type SegmentTable } from './segment-table.ts'
import { type Settler } from './settler.ts'
import { viewShareMin } from './tail.ts'

/** What replay works with. */
export interface ReplayParts {
  readonly logs: ReadonlyMap<number, OpenLog>
  readonly table: SegmentTable
  readonly settler: Settler
  readonly telemetry: Telemetry
  /** Bytes that the journal holds. */
  readonly holdsMore: (bytes: number) => void
}

/** Replays one ring; the logs whose chain broke are returned. */
export async function replay(
  image: RingImage,
  ring: JournalRing,
  parts: ReplayParts,
): Promise<ReadonlySet<LogState>> {
  const lives = new Map(ring.lives().map((life) => [life.file.path, life]))
  const broken = new Set<LogState>()
  const needsBody = (entry: JournalEntry, group: FoundGroup): boolean =>
    entry.kind === 'held' && isWanted(entry, group, image, parts)
  const bodiesOf = new BodyReader(
    image.groups.filter((group) => group.entries.some((entry) => needsBody(entry, group))),
  )
  for (const group of image.groups) {
    const life = lives.get(group.file.path)
    if (life === undefined) continue
    const wanted = group.entries.filter((entry) => isWanted(entry, group, image, parts))
    if (wanted.length === 0) continue
    const needsBodies = wanted.some(({ kind }) => kind === 'held')
    const bodies = needsBodies ? await bodiesOf.read(group) : new Uint8Array(0)
    const at = { life, group: group.number, bodies, mayKeepViews: isWellUsed(bodies, wanted) }
    for (const [log, entries] of byLog(wanted, parts.logs)) {
      const { state } = log
      if (broken.has(state) || (await replayEntries(entries, log, at, parts))) continue
      broken.add(state)
      const where = { log: nameOf(state), offset: state.end, group: group.number }
      parts.telemetry.log('error', 'log-damaged-in-journal', where)
    }
  }
  for (const state of broken) await leaveBehind(state, image, parts)
  for (const log of parts.logs.values()) leaveGap(log, image)
  return broken
}

/**
 * What follows the damage stays cut: the next open must not find it again, and take it for the end
 * of what was appended since.
 */
async function leaveBehind(state: LogState, image: RingImage, parts: ReplayParts): Promise<void> {
  const last = image.groups.at(-1)
  if (last === undefined) return
  await parts.settler.settle(state)
  parts.table.enqueue({
    log: state,
    act: { type: 'truncate', offset: state.end, shortened: undefined },
    settledThrough: last.number,
    holds: [],
  })
}

/** The start was moved over records that did not survive: what is left of them below it goes, too. */
function leaveGap(log: OpenLog, image: RingImage): void {
  const { state } = log
  if (state.flush !== image.mode || state.droppedBy !== undefined) return
  if (state.end >= state.start) return
  log.restartAtStart(Math.max(state.table.settledThrough, image.groups.at(-1)?.number ?? 0))
}

/** Entries of logs that are there, of this mode, above what the table reflects. */
function isWanted(
  entry: JournalEntry,
  group: FoundGroup,
  image: RingImage,
  { logs }: ReplayParts,
): boolean {
  const state = logs.get(entry.logId)?.state
  return (
    state !== undefined &&
    state.droppedBy === undefined &&
    state.flush === image.mode &&
    group.number > state.table.settledThrough
  )
}

interface At {
  readonly life: JournalLife
  readonly group: number
  readonly bodies: Uint8Array
  /** What is held in memory may be a view of the bodies: few bytes that nobody wants stay with it. */
  readonly mayKeepViews: boolean
}

function isWellUsed({ buffer }: Uint8Array, wanted: readonly JournalEntry[]): boolean {
  let bytes = 0
  for (const entry of wanted) if (entry.kind === 'held') bytes += entry.run.length
  return bytes >= buffer.byteLength * viewShareMin
}

function byLog(
  entries: readonly JournalEntry[],
  logs: ReadonlyMap<number, OpenLog>,
): ReadonlyMap<OpenLog, readonly JournalEntry[]> {
  const shares = new Map<OpenLog, JournalEntry[]>()
  for (const entry of entries) {
    const log = logs.get(entry.logId)
    if (log === undefined) continue
    const share = shares.get(log)
    if (share === undefined) shares.set(log, [entry])
    else share.push(entry)
  }
  return shares
}

/** False when an entry does not go on where the log ends, or its bytes are damaged. */
async function replayEntries(
  entries: readonly JournalEntry[],
  log: OpenLog,
  at: At,
  parts: ReplayParts,
): Promise<boolean> {
  const { state } = log
  const extents: Extent[] = []
  for (const entry of entries) {
    if (entry.kind === 'extent') {
      const { run, fileId, position } = entry
      extents.push({ ...run, fileId, position })
    } else if (entry.kind === 'held') {
      if (!replayHeld(entry, state, at, parts)) return false
    } else if (entry.kind === 'start') {
      log.replayStart(entry.offset, at.life)
    } else if (state.droppedBy === undefined) {
      at.life.ring.hold(at.life, state.logId)
      state.hold({ life: at.life, group: at.group, entry: undefined, bytes: 0 })
      await log.replay(entry, at.group)
    }
  }
  return extents.length === 0 || (await replayExtents(extents, state, at, parts))
}

function replayHeld(
  held: Extract<JournalEntry, { kind: 'held' }>,
  state: LogState,
  { life, group, bodies, mayKeepViews }: At,
  parts: ReplayParts,
): boolean {
  if (held.run.first !== state.end) return false
  const bytes = heldRun(held, bodies)
  if (bytes === undefined) return false
  const entry = state.appendRun(held.run, bytes)
  if (!mayKeepViews) state.tail.detach(entry)
  state.durable = state.end
  life.ring.hold(life, state.logId)
  state.hold({ life, group, entry, bytes: bytes.length })
  parts.holdsMore(bytes.length)
  return true
}

/**
 * A direct write: it takes the place of what earlier groups held of the log from its first offset
 * on. What they held before that was being settled; that is done first.
 */
async function replayExtents(
  extents: readonly Extent[],
  state: LogState,
  { life, group }: At,
  parts: ReplayParts,
): Promise<boolean> {
  const [head] = extents
  if (head === undefined) return true
  const { first } = head
  if (first > state.end || first < state.placedEnd) return false
  const held = state.takeHeld()
  const isBefore = ({ entry }: Held): boolean => entry !== undefined && entry.run.first < first
  const absorbed = held.filter((each) => !isBefore(each))
  parts.settler.forget(absorbed)
  state.cutTo(first)
  for (const each of held) if (isBefore(each)) state.hold(each)
  const { fileId } = head
  state.writer?.goOnIn(fileId, true)
  await parts.settler.settle(state)
  state.writer?.goOnIn(fileId, false)
  state.tail.clear()
  for (const extent of extents) state.epochs.assign(extent.epoch, extent.first)
  state.place(extents)
  state.end = state.placedEnd
  state.durable = state.placedEnd
  life.ring.hold(life, state.logId)
  parts.table.enqueue({
    log: state,
    act: { type: 'extents', extents },
    settledThrough: group,
    holds: [life, ...absorbed.map((each) => each.life)],
  })
  return true
}
