/**
 * What a power loss leaves of a directory that a process worked in under the shim: everything that a
 * sync covered, and of the rest what chance lets through. Afterwards all that is there is durable.
 *
 * Bytes: a write survives whole, not at all, or in part (by sectors of 512 bytes or pages of 4 KiB);
 * files of stdio end anywhere between their size at the last sync and their present one.
 * Names: any of the changes that no sync of their directory covered may be missing. In directories
 * that are `journaled` they go in order, and the sync of a file covers its own name: LevelDB asks
 * that of its file system (ext4, xfs, btrfs do so), our own files do not.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { type Random } from '../../../src/base/random.ts'
import { type BytesChange, type NameChange, type Notes, readNotes, type Sync } from './notes.ts'

/** What becomes of what no sync covered. */
export type Survival = 'all' | 'none' | 'some' | 'sectors' | 'pages'

/** Where, and how bad. */
export interface PowerLoss {
  /** The watched directory. */
  readonly root: string
  /** Where the shim wrote; emptied. */
  readonly notes: string
  /** Directories, by their name under the root, in which names are journaled. */
  readonly journaled: readonly string[]
  readonly random: Random
  readonly bytes: Survival
  readonly names: 'all' | 'none' | 'some'
}

/** How much was taken back. */
export interface Lost {
  readonly writes: number
  readonly names: number
  /** Bytes off the ends of files that stdio wrote. */
  readonly tailBytes: number
}

/** Takes back what the power loss takes. */
export function losePower(loss: PowerLoss): Lost {
  const notes = readNotes(path.join(loss.notes, 'undo'))
  const inodes = presentInodes(loss)
  const tailBytes = cutStdio(notes, loss, inodes)
  const writes = loseBytes(notes, loss, inodes)
  const names = loseNames(notes, loss)
  rmSync(path.join(loss.notes, 'undo'))
  for (const kept of readdirSync(keptIn(loss))) rmSync(path.join(keptIn(loss), kept))
  return { writes, names, tailBytes }
}

function keptIn({ notes }: PowerLoss): string {
  return path.join(notes, 'kept')
}

/** A path for each file that has, or had, a name. */
function presentInodes(loss: PowerLoss): ReadonlyMap<number, string> {
  const found = new Map<number, string>()
  const directories = [loss.root, keptIn(loss)]
  for (const directory of directories)
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const at = path.join(directory, entry.name)
      if (entry.isDirectory()) directories.push(at)
      else found.set(statSync(at).ino, at)
    }
  return found
}

/** True when a sync of `inode` that began after the change was over has ended well. */
function isCovered(
  change: BytesChange | NameChange,
  inode: number,
  syncs: readonly Sync[],
): boolean {
  const { doneAt } = change
  if (doneAt === undefined) return false
  if (change.isDurable && !change.hasFailed) return true
  return syncs.some(
    (sync) =>
      sync.inode === inode && sync.at > doneAt && sync.doneAt !== undefined && !sync.hasFailed,
  )
}

function cutStdio(
  { stdio, syncs, names }: Notes,
  { random, bytes }: PowerLoss,
  inodes: ReadonlyMap<number, string>,
): number {
  let lost = 0
  for (const inode of new Set(stdio.map((each) => each.inode))) {
    const at = inodes.get(inode)
    if (at === undefined || bytes === 'all') continue
    const isNew = names.some((change) => change.kind === 'create' && change.inode === inode)
    const first = stdio.find((each) => each.inode === inode)?.size ?? 0
    const synced = syncs.filter(
      (sync) => sync.inode === inode && sync.doneAt !== undefined && !sync.hasFailed,
    )
    const durable = Math.max(isNew ? 0 : first, ...synced.map(({ size }) => size))
    const { size } = statSync(at)
    const kept = bytes === 'none' ? durable : durable + random.below(size - durable + 1)
    if (kept >= size) continue
    truncateSync(at, kept)
    lost += size - kept
  }
  return lost
}

function loseBytes(notes: Notes, loss: PowerLoss, inodes: ReadonlyMap<number, string>): number {
  const streams = new Set(notes.stdio.map(({ inode }) => inode))
  const byInode = new Map<number, BytesChange[]>()
  for (const change of notes.bytes) {
    if (streams.has(change.inode)) continue
    const changes = byInode.get(change.inode)
    if (changes === undefined) byInode.set(change.inode, [change])
    else changes.push(change)
  }
  let lost = 0
  for (const [inode, changes] of byInode) {
    const at = inodes.get(inode)
    const isKept = (change: BytesChange): boolean => isCovered(change, inode, notes.syncs)
    const first = changes.findIndex((change) => !isKept(change))
    if (at === undefined || first < 0) continue
    lost += rewrite(at, changes.slice(first), isKept, loss)
  }
  return lost
}

/** Takes all changes back, newest first, then makes those again that survive, oldest first. */
function rewrite(
  at: string,
  changes: readonly BytesChange[],
  isKept: (change: BytesChange) => boolean,
  loss: PowerLoss,
): number {
  const file = openSync(at, 'r+')
  const after = new Map<BytesChange, Uint8Array>()
  for (const change of [...changes].reverse()) {
    if (change.kind === 'write') after.set(change, bytesAt(file, change.position, change.bytes))
    else after.set(change, bytesAt(file, change.position, 0))
    writeSync(file, change.before, 0, change.before.length, change.position)
    if (fstatSync(file).size !== change.sizeBefore) ftruncateSync(file, change.sizeBefore)
  }
  let lost = 0
  for (const change of changes) {
    const parts = isKept(change) ? 'whole' : survivingParts(change, loss)
    if (parts !== 'whole') lost += 1
    if (change.kind === 'resize') {
      if (parts === 'whole') ftruncateSync(file, change.position)
      continue
    }
    const bytes = after.get(change) ?? new Uint8Array(0)
    const ranges = parts === 'whole' ? [{ from: 0, to: bytes.length }] : parts
    for (const { from, to } of ranges)
      writeSync(file, bytes, from, Math.min(to, bytes.length) - from, change.position + from)
  }
  closeSync(file)
  return lost
}

function bytesAt(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, position))
}

interface Range {
  readonly from: number
  readonly to: number
}

/** The parts of a write, by bytes from its start, that the disk has. */
function survivingParts(
  { position, bytes }: BytesChange,
  { bytes: how, random }: PowerLoss,
): 'whole' | readonly Range[] {
  if (how === 'all') return 'whole'
  if (how === 'none') return []
  if (how === 'some') return random.chance(0.5) ? 'whole' : []
  const unit = how === 'sectors' ? 512 : 4096
  const ranges: Range[] = []
  for (let from = 0; from < bytes;) {
    const to = Math.min(bytes, (Math.floor((position + from) / unit) + 1) * unit - position)
    if (random.chance(0.5)) ranges.push({ from, to })
    from = to
  }
  return ranges
}

function loseNames(notes: Notes, loss: PowerLoss): number {
  const byDirectory = new Map<string, NameChange[]>()
  for (const change of notes.names) {
    const directory = path.dirname(change.path)
    const changes = byDirectory.get(directory)
    if (changes === undefined) byDirectory.set(directory, [change])
    else changes.push(change)
  }
  let lost = 0
  for (const [directory, changes] of byDirectory) {
    const isHere = ({ hasFailed }: NameChange): boolean => !hasFailed
    lost += renameIn(
      directory,
      changes.filter(isHere),
      survivingNames(directory, notes, loss),
      loss,
    )
  }
  return lost
}

/** Which of a directory's changes are on the disk, as a decision for one after the other. */
function survivingNames(
  directory: string,
  { syncs, names }: Notes,
  { root, journaled, names: how, random }: PowerLoss,
): (change: NameChange) => boolean {
  const { ino } = statSync(directory)
  const isJournaled = journaled.includes(path.relative(root, directory))
  const isDurable = (change: NameChange): boolean =>
    isCovered(change, ino, syncs) ||
    (isJournaled && change.inode !== undefined && isCovered(change, change.inode, syncs))
  const surviving = (change: NameChange): boolean =>
    how === 'all' || isDurable(change) || (how === 'some' && random.chance(0.5))
  if (!isJournaled) return surviving
  const mine = names.filter((change) => path.dirname(change.path) === directory)
  const lastDurable = mine.findLastIndex(isDurable)
  const firstLost = mine.findIndex((change, index) => index > lastDurable && !surviving(change))
  return (change) => firstLost < 0 || mine.indexOf(change) < firstLost
}

/** Takes all changes of names back, then makes those again that survive, and puts the files there. */
function renameIn(
  directory: string,
  changes: readonly NameChange[],
  survives: (change: NameChange) => boolean,
  loss: PowerLoss,
): number {
  const present = namesIn(directory)
  const wanted = new Map(present)
  const created = new Map<NameChange, number>()
  for (const change of [...changes].reverse()) {
    if (change.kind === 'create') {
      const inode = wanted.get(change.path)
      if (inode !== undefined) created.set(change, inode)
      wanted.delete(change.path)
    } else if (change.kind === 'unlink') wanted.set(change.path, change.inode)
    else if (wanted.get(change.to) === change.inode) {
      wanted.set(change.path, change.inode)
      if (change.replaced === undefined) wanted.delete(change.to)
      else wanted.set(change.to, change.replaced)
    }
  }
  let lost = 0
  for (const change of changes) {
    if (!survives(change)) lost += 1
    else if (change.kind === 'create') {
      const inode = change.inode ?? created.get(change)
      if (inode !== undefined) wanted.set(change.path, inode)
    } else if (change.kind === 'unlink') wanted.delete(change.path)
    else if (wanted.get(change.path) === change.inode) {
      wanted.delete(change.path)
      wanted.set(change.to, change.inode)
    }
  }
  place(present, wanted, keptIn(loss))
  return lost
}

function namesIn(directory: string): ReadonlyMap<string, number> {
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files.map(({ name }) => {
      const at = path.join(directory, name)
      return [at, statSync(at).ino]
    }),
  )
}

/** Every file that lost its name is kept aside; from there it gets the one it shall have. */
function place(
  present: ReadonlyMap<string, number>,
  wanted: ReadonlyMap<string, number>,
  kept: string,
): void {
  const aside = (inode: number): string => path.join(kept, String(inode))
  for (const [at, inode] of present) {
    if (wanted.get(at) === inode) continue
    if (!existsSync(aside(inode))) linkSync(at, aside(inode))
    unlinkSync(at)
  }
  for (const [at, inode] of wanted) if (present.get(at) !== inode) linkSync(aside(inode), at)
}
