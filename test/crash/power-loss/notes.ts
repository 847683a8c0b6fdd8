/**
 * Reads what the shim wrote down: changes of bytes and names in the order in which they began, each
 * with whether it is over, and the syncs. The layout is that of `struct record` in `shim.c`.
 */
import { readFileSync, truncateSync } from 'node:fs'

/** What all changes have. */
interface Noted {
  /** Numbers grow with time, over all records. */
  readonly at: number
  /** Absent: the process ended during the call, and no other has begun since. It may have happened. */
  doneAt: number | undefined
  hasFailed: boolean
  /** It was durable when it returned (O_DSYNC). */
  isDurable: boolean
}

/** A write, or a change of a file's size; `before` stood at `position`. */
export interface BytesChange extends Noted {
  readonly kind: 'write' | 'resize'
  readonly inode: number
  readonly position: number
  readonly bytes: number
  readonly sizeBefore: number
  readonly before: Uint8Array
}

/** A change of names in one directory. */
export type NameChange = Noted &
  (
    | { readonly kind: 'create'; readonly path: string; inode: number | undefined }
    | { readonly kind: 'unlink'; readonly path: string; readonly inode: number }
    | {
        readonly kind: 'rename'
        readonly path: string
        readonly to: string
        readonly inode: number
        readonly replaced: number | undefined
      }
  )

/** A sync of a file or a directory; `size` is the file's when it began. */
export interface Sync extends Noted {
  readonly kind: 'sync'
  readonly inode: number
  readonly size: number
}

/** A file that stdio writes: its size when it was opened. */
interface StdioOpen {
  readonly at: number
  readonly kind: 'stdio'
  readonly inode: number
  readonly size: number
}

/** All that the shim wrote down. */
export interface Notes {
  readonly bytes: readonly BytesChange[]
  readonly names: readonly NameChange[]
  readonly syncs: readonly Sync[]
  readonly stdio: readonly StdioOpen[]
}

const headerBytes = 56

/** Reads the records; one that the end of the process cut off is removed (its call never began). */
export function readNotes(path: string): Notes {
  const all = readFileSync(path)
  const started = new Map<number, BytesChange | NameChange | Sync>()
  const stdio: StdioOpen[] = []
  let at = 0
  while (at + 4 <= all.length) {
    const length = all.readUInt32LE(at)
    if (at + length > all.length) break
    const record = all.subarray(at, at + length)
    const kind = record.readUInt32LE(4)
    if (kind === 7) stdio.push({ at, kind: 'stdio', inode: at8(record), size: at32(record) })
    else if (kind === 8) finish(record, at, started)
    else if (kind === 9) leave(at, started)
    else if (kind === 3 && record.readUInt32LE(52) === 1) name(record, started)
    else started.set(at, change(record, at, kind))
    at += length
  }
  if (at < all.length) truncateSync(path, at)
  const changes = [...started.values()]
  return {
    bytes: changes.filter(
      (each): each is BytesChange => each.kind === 'write' || each.kind === 'resize',
    ),
    names: changes.filter(
      (each) => each.kind === 'create' || each.kind === 'unlink' || each.kind === 'rename',
    ),
    syncs: changes.filter((each) => each.kind === 'sync'),
    stdio,
  }
}

function change(record: Buffer, at: number, kind: number): BytesChange | NameChange | Sync {
  const pathEnd = headerBytes + record.readUInt32LE(40)
  const otherEnd = pathEnd + record.readUInt32LE(44)
  const path = record.toString('utf8', headerBytes, pathEnd)
  const noted = { at, doneAt: undefined, hasFailed: false, isDurable: false }
  const inode = at8(record)
  const position = Number(record.readBigUInt64LE(16))
  const sizeBefore = at32(record)
  const before = Uint8Array.from(record.subarray(otherEnd))
  switch (kind) {
    case 1:
      return {
        ...noted,
        kind: 'write',
        inode,
        position,
        bytes: Number(record.readBigUInt64LE(24)),
        sizeBefore,
        before,
      }
    case 2:
      return { ...noted, kind: 'resize', inode, position, bytes: 0, sizeBefore, before }
    case 3:
      return { ...noted, kind: 'create', path, inode: undefined }
    case 4:
      return { ...noted, kind: 'unlink', path, inode }
    case 5: {
      const to = record.toString('utf8', pathEnd, otherEnd)
      const replaced = position === 0 ? undefined : position
      return { ...noted, kind: 'rename', path, to, inode, replaced }
    }
    case 6:
      return { ...noted, kind: 'sync', inode, size: sizeBefore }
    default:
      throw new Error(`a record of kind ${kind}`)
  }
}

function finish(
  record: Buffer,
  at: number,
  started: ReadonlyMap<number, BytesChange | NameChange | Sync>,
): void {
  const ended = started.get(Number(record.readBigUInt64LE(16)))
  if (ended === undefined) return
  ended.doneAt = at
  ended.hasFailed = at32(record) !== 0
  ended.isDurable = record.readUInt32LE(52) !== 0
}

/** Another process begins: what the one before it left in the middle is over, though no sync is. */
function leave(at: number, started: ReadonlyMap<number, BytesChange | NameChange | Sync>): void {
  for (const left of started.values()) {
    if (left.doneAt !== undefined) continue
    left.doneAt = at
    left.hasFailed = left.kind === 'sync'
  }
}

/** A created file's inode is known only afterwards. */
function name(record: Buffer, started: ReadonlyMap<number, BytesChange | NameChange | Sync>): void {
  const created = started.get(Number(record.readBigUInt64LE(16)))
  if (created?.kind === 'create') created.inode = at8(record)
}

function at8(record: Buffer): number {
  return Number(record.readBigUInt64LE(8))
}

function at32(record: Buffer): number {
  return Number(record.readBigUInt64LE(32))
}
