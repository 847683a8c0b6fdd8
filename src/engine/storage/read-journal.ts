/**
 * Reads the journal files of one flush mode when a directory is opened, and decides which groups
 * count. Nothing is written here.
 *
 *   lives, oldest first:   5: … 8 9 10 11?     6: 10 11 12 …
 *                                   └ void: life 6 starts with group 10
 *
 * Groups must be dense from the floor to the last. A torn tail is cut when nothing says that it was
 * answered; else, or with a hole, answered data is gone and no log of the mode can be vouched for.
 */
import { type DirectoryId } from '../../base/id.ts'
import { type FileStore } from '../ports/file-store.ts'
import { mapBounded } from '../runtime/gate.ts'
import { type RingMark } from './commit-mark.ts'
import { ringSeed, type JournalEntry } from './journal-group.ts'
import { type JournalLife, type RecoveredRing, type RingFile } from './journal-ring.ts'
import { type FlushMode } from './partition-log.ts'
import { bodiesAreSound, describeRun } from './run.ts'
import { scanGroups, type FoundGroup } from './scan-journal.ts'

/** What counts of a ring. */
export interface RingImage {
  readonly mode: FlushMode
  /** Gapless unless `isHoled`, oldest first. */
  readonly groups: readonly FoundGroup[]
  readonly ring: RecoveredRing
  /** Answered groups are missing or damaged. */
  readonly isHoled: boolean
  /** Groups above the recovery point were cut off. */
  readonly wasCut: boolean
}

/** How to judge what is found. */
export interface JudgeRing {
  readonly mark: RingMark
  /** Clean stop: nothing in the files is needed. */
  readonly wasClean: boolean
  /** Another boot, and writes were not synced: whatever is above the recovery point may be gone. */
  readonly mayHaveHoles: boolean
  /** The page cache cannot be trusted: only what the mark names counts. */
  readonly trustsOnlyMark: boolean
  /** Whether the direct ranges that a group names are there. */
  readonly rangesAreSound: (group: FoundGroup) => Promise<boolean>
  /** The highest group number that the table remembers. */
  readonly lastSettled: number
}

const filesAtOnce = 2

/** Reads all files of a mode. */
export async function readRing(
  files: FileStore,
  where: {
    readonly directory: string
    readonly directoryId: DirectoryId
    readonly mode: FlushMode
    /** Whether the files are going to be written to. */
    readonly isOurs: boolean
  },
  judge: JudgeRing,
): Promise<RingImage> {
  const { mode, directory } = where
  const names = (await files.list(directory)).filter((name) => name.startsWith(`${mode}-`))
  const numbers = names.map((name) => Number.parseInt(name.slice(mode.length + 1), 10))
  const found: RingFile[] = []
  for (const name of names) {
    const path = `${directory}/${name}`
    const how = where.isOurs ? ({ mode: 'write', durable: mode === 'ack' } as const) : ({ mode: 'read' } as const) // prettier-ignore
    const file = await files.open(path, how)
    found.push({ path, file, capacity: await file.size() })
  }
  const fileCount = numbers.reduce((most, number) => Math.max(most, number), 0)
  const { floor } = judge.mark
  const seed = ringSeed(where.directoryId, mode)
  const read = judge.wasClean
    ? []
    : await mapBounded(filesAtOnce, found, async (file) => scanGroups(file, floor, seed))
  const groups = read.flat()
  const lastLife = groups.reduce((most, { life }) => Math.max(most, life), 0)
  const chosen = await choose(chain(groups), judge)
  const last = chosen.groups.at(-1)
  const { mark, wasClean } = judge
  const lastGroup = last?.number ?? Math.max(mark.floor - 1, wasClean ? mark.answered : 0)
  const usedBy = new Map<RingFile, Omit<JournalLife, 'ring'>>()
  for (const { file, life, number } of chosen.groups)
    if (!usedBy.has(file))
      usedBy.set(file, {
        life,
        file,
        firstGroup: number,
        position: 0,
        heldCount: 0,
        logIds: new Set(),
      })
  return {
    mode,
    ...chosen,
    ring: {
      lives: [...usedBy.values()],
      freeFiles: found.filter((file) => !usedBy.has(file)),
      lastLife,
      lastGroup,
      nextGroup: Math.max(lastGroup, judge.lastSettled) + 1,
      lastCrc: last?.crc ?? 0,
      fileCount,
    },
  }
}

/** Whether each batch in the bodies of a group proves itself. */
export async function bodiesOfAreSound(group: FoundGroup): Promise<boolean> {
  const { file, bodiesPosition, bodiesBytes, entries } = group
  const bodies = await file.file.read(bodiesPosition, bodiesBytes)
  return entries.every((entry) => entry.kind !== 'held' || heldRun(entry, bodies) !== undefined)
}

/** The bytes of an entry; undefined when they are not what was written. */
export function heldRun(
  { run, position }: Extract<JournalEntry, { kind: 'held' }>,
  bodies: Uint8Array,
): Uint8Array | undefined {
  const bytes = bodies.subarray(position, position + run.length)
  const described = describeRun([bytes], run.first)
  const isSame = described?.headersCrc === run.headersCrc && described.next === run.next
  return isSame && bodiesAreSound(bytes) ? bytes : undefined
}

/** In order, without what later lives declared void. */
function chain(groups: readonly FoundGroup[]): readonly FoundGroup[] {
  const sorted = [...groups].sort((a, b) =>
    a.life === b.life ? b.number - a.number : b.life - a.life,
  )
  const kept: FoundGroup[] = []
  let life: number | undefined
  let keptThrough = Infinity
  let limit = Infinity
  for (const group of sorted) {
    if (group.life !== life) {
      limit = keptThrough
      life = group.life
    }
    if (group.number > limit) continue
    keptThrough = Math.min(keptThrough, group.keptThrough)
    kept.push(group)
  }
  return kept.reverse()
}

async function choose(
  groups: readonly FoundGroup[],
  judge: JudgeRing,
): Promise<Pick<RingImage, 'groups' | 'isHoled' | 'wasCut'>> {
  if (judge.wasClean) return { groups: [], isHoled: false, wasCut: false }
  const { floor, answered } = judge.mark
  const kept: FoundGroup[] = []
  let expected = floor
  let isHoled = false
  for (const group of groups) {
    if (judge.trustsOnlyMark && group.number > answered)
      return { groups: kept, isHoled: isHoled || expected <= answered, wasCut: true }
    const previous = kept.at(-1)
    // Numbers of groups that were cut off are not used again: a life says where it goes on.
    const isNext = group.number === expected || group.keptThrough === expected - 1
    const isMissing = !isNext || (previous !== undefined && previous.crc !== group.previousCrc)
    if (isMissing && judge.mayHaveHoles && expected > answered)
      return { groups: kept, isHoled, wasCut: true }
    isHoled ||= isMissing
    // What was answered is not looked at here: its logs are cut where they are damaged.
    const isProven = group.number <= answered || isFollowed(groups, group, judge)
    if (!isProven && !(await isComplete(group, judge)))
      return { groups: kept, isHoled, wasCut: true }
    kept.push(group)
    expected = group.number + 1
  }
  return { groups: kept, isHoled: isHoled || expected <= answered, wasCut: false }
}

/** All parts of it verify: in its journal, and in the files that it names. */
async function isComplete(group: FoundGroup, judge: JudgeRing): Promise<boolean> {
  return (await bodiesOfAreSound(group)) && (await judge.rangesAreSound(group))
}

/** Whether a later group proves that this one was finished: the next one started only then. */
function isFollowed(groups: readonly FoundGroup[], group: FoundGroup, judge: JudgeRing): boolean {
  return !judge.mayHaveHoles && (groups.at(-1)?.number ?? 0) > group.number
}
