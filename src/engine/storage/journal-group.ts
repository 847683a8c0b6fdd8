/**
 * Groups as they lie in a journal file, each at a 4 KiB boundary:
 *
 *   header, 64 bytes
 *      0 magic 'SLJG'   4 format      8 life of the file   16 group number
 *     24 last group answered          32 life before       40 last group kept of it
 *     48 entry count    52 bytes of bodies
 *     56 CRC of the previous group    60 CRC of header and entries
 *   entries, 64 bytes each
 *      0 kind 1 (3 free)   4 log id    8 first offset   16 next offset   24 greatest timestamp
 *     32 position (of the bodies in this group, or in the segment file)
 *     40 file id   44 length   48 leader epoch   52 batch count   56 CRC of the batch headers (4 free)
 *   bodies: the batches of the entries of kind `held`, in order
 *
 * The entries carry the CRC of their batches' headers, so the group's CRC proves those as well;
 * bodies are proven by their own batch CRCs. The group's CRC begins with the directory and the flush
 * mode, so a journal file of another directory or ring has no groups here.
 */
import { utf8, viewOf } from '../../base/bytes.ts'
import { crc32c } from '../../base/crc32c.ts'
import { epoch, offset, type DirectoryId, type Offset } from '../../base/id.ts'
import { putInt64, takeInt64 } from './int64.ts'
import { type FlushMode } from './partition-log.ts'
import { type Run } from './run.ts'

/** Groups start at multiples of this. */
export const groupAlignBytes = 4096

const magic = 0x534c4a47
const formatNumber = 1
const headerBytes = 64
const entryBytes = 64
const kinds = ['held', 'extent', 'truncate', 'restart', 'drop', 'start'] as const

/**
 * One entry. `held`: the run's bytes are in this group. `extent`: they are in a segment file, and may
 * begin before the log's end: then they take the place of what earlier groups held of it. `start`: what
 * lies below the offset is not in the log any more.
 */
export type JournalEntry =
  | { readonly kind: 'held'; readonly logId: number; readonly run: Run; readonly position: number }
  | {
      readonly kind: 'extent'
      readonly logId: number
      readonly run: Run
      readonly position: number
      readonly fileId: number
    }
  | { readonly kind: 'truncate' | 'restart'; readonly logId: number; readonly offset: Offset }
  | { readonly kind: 'start'; readonly logId: number; readonly offset: Offset }
  | { readonly kind: 'drop'; readonly logId: number }

/** What stands above the entries. */
export interface GroupHeader {
  readonly life: number
  readonly number: number
  /** Groups up to this one were answered when it was written. */
  readonly answered: number
  readonly previousLife: number
  /** Of the previous life, groups after this one are void. */
  readonly keptThrough: number
  readonly previousCrc: number
}

/** A group read back; the CRC of header and entries was right. */
export interface ReadGroup extends GroupHeader {
  readonly entries: readonly JournalEntry[]
  readonly crc: number
  /** Index of the bodies in the bytes it was read from. */
  readonly bodiesAt: number
  readonly bodiesBytes: number
  /** Index after the whole group, at the next boundary. */
  readonly endAt: number
}

/** What the CRC of a ring's groups begins with. */
export function ringSeed(directoryId: DirectoryId, mode: FlushMode): number {
  return crc32c(utf8(`${directoryId} ${mode}`))
}

/** Bytes of a group's header and entries. */
export function tableBytes(entryCount: number): number {
  return headerBytes + entryCount * entryBytes
}

/** Rounds up to the next boundary. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / groupAlignBytes) * groupAlignBytes
}

/** Writes header and entries; `crc` is handed on to the next group. */
export function encodeGroup(
  header: GroupHeader,
  entries: readonly JournalEntry[],
  of: { readonly bodiesBytes: number; readonly seed: number },
): { readonly bytes: Uint8Array; readonly crc: number } {
  const bytes = new Uint8Array(tableBytes(entries.length))
  const view = viewOf(bytes)
  view.setUint32(0, magic)
  view.setUint32(4, formatNumber)
  putInt64(view, 8, header.life)
  putInt64(view, 16, header.number)
  putInt64(view, 24, header.answered)
  putInt64(view, 32, header.previousLife)
  putInt64(view, 40, header.keptThrough)
  view.setUint32(48, entries.length)
  view.setUint32(52, of.bodiesBytes)
  view.setUint32(56, header.previousCrc)
  let at = headerBytes
  for (const entry of entries) {
    encodeEntry(view, at, entry)
    at += entryBytes
  }
  const crc = groupCrc(bytes, of.seed)
  view.setUint32(60, crc)
  return { bytes, crc }
}

/** Bytes that header and entries take, if a group starts at a boundary; not proven by anything. */
export function tableBytesAt(bytes: Uint8Array, at: number): number | undefined {
  if (at + headerBytes > bytes.length) return undefined
  const view = viewOf(bytes)
  if (view.getUint32(at) !== magic || view.getUint32(at + 4) !== formatNumber) return undefined
  return tableBytes(view.getUint32(at + 48))
}

/**
 * Reads header and entries of the group at a boundary; undefined when they are not there with a
 * right CRC. Whether the bodies are is the caller's to see.
 */
export function decodeGroup(bytes: Uint8Array, at: number, seed: number): ReadGroup | undefined {
  const bodiesAt = at + (tableBytesAt(bytes, at) ?? Infinity)
  if (bodiesAt > bytes.length) return undefined
  const view = viewOf(bytes)
  const entryCount = view.getUint32(at + 48)
  const bodiesBytes = view.getUint32(at + 52)
  const crc = view.getUint32(at + 60)
  if (groupCrc(bytes.subarray(at, bodiesAt), seed) !== crc) return undefined
  const entries: JournalEntry[] = []
  for (let index = 0; index < entryCount; index++) {
    const entry = decodeEntry(view, at + headerBytes + index * entryBytes)
    if (entry === undefined) return undefined
    entries.push(entry)
  }
  return {
    life: takeInt64(view, at + 8),
    number: takeInt64(view, at + 16),
    answered: takeInt64(view, at + 24),
    previousLife: takeInt64(view, at + 32),
    keptThrough: takeInt64(view, at + 40),
    previousCrc: view.getUint32(at + 56),
    entries,
    crc,
    bodiesAt,
    bodiesBytes,
    endAt: aligned(bodiesAt + bodiesBytes),
  }
}

/** CRC over header and entries, the CRC field left out. */
function groupCrc(table: Uint8Array, seed: number): number {
  return crc32c(table.subarray(headerBytes), crc32c(table.subarray(0, headerBytes - 4), seed))
}

function encodeEntry(view: DataView, at: number, entry: JournalEntry): void {
  view.setUint8(at, kinds.indexOf(entry.kind))
  view.setUint32(at + 4, entry.logId)
  if (entry.kind === 'drop') return
  if ('offset' in entry) {
    putInt64(view, at + 8, entry.offset)
    return
  }
  const { run } = entry
  putInt64(view, at + 8, run.first)
  putInt64(view, at + 16, run.next)
  putInt64(view, at + 24, run.maxTimestampMs)
  putInt64(view, at + 32, entry.position)
  view.setUint32(at + 40, entry.kind === 'extent' ? entry.fileId : 0)
  view.setUint32(at + 44, run.length)
  view.setInt32(at + 48, run.epoch)
  view.setUint32(at + 52, run.batchCount)
  view.setUint32(at + 56, run.headersCrc)
}

function decodeEntry(view: DataView, at: number): JournalEntry | undefined {
  const kind = kinds[view.getUint8(at)]
  const logId = view.getUint32(at + 4)
  if (kind === undefined) return undefined
  if (kind === 'drop') return { kind, logId }
  const first = offset(takeInt64(view, at + 8))
  if (kind === 'truncate' || kind === 'restart') return { kind, logId, offset: first }
  if (kind === 'start') return { kind, logId, offset: first }
  const run: Run = {
    first,
    next: offset(takeInt64(view, at + 16)),
    maxTimestampMs: takeInt64(view, at + 24),
    length: view.getUint32(at + 44),
    epoch: epoch(view.getInt32(at + 48)),
    batchCount: view.getUint32(at + 52),
    headersCrc: view.getUint32(at + 56),
  }
  const position = takeInt64(view, at + 32)
  return kind === 'held'
    ? { kind, logId, run, position }
    : { kind, logId, run, position, fileId: view.getUint32(at + 40) }
}
