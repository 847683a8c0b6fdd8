/**
 * Keys of the segment table. One letter says what a row is; numbers are big-endian, so that LevelDB's
 * order is theirs. Later rows (time index, aborted transactions) take a letter of their own.
 *
 *   b batch number     written by every table batch          value: what it held
 *   c 0                how far the scrubber is
 *   d file             a segment file that is to go
 *   l log id           a log of this directory
 *   m 0                rows of whole logs may be missing
 *   p log id, offset   the producers of a log up to there
 *   q log id, offset   a range taken out of service          value: the extent it had
 *   s log id, file     a segment of a log
 *   t log id           the tail of a log
 *   x log id, offset   an extent, by its *last* offset: one seek finds any offset
 */
import { offset, type Offset } from '../../base/id.ts'
import { type KeyRange } from '../ports/key-value-store.ts'
import { putInt64, takeInt64 } from './int64.ts'
import { viewOf } from '../../base/bytes.ts'

const letters = {
  batch: 'b'.charCodeAt(0),
  scrub: 'c'.charCodeAt(0),
  doomed: 'd'.charCodeAt(0),
  log: 'l'.charCodeAt(0),
  missing: 'm'.charCodeAt(0),
  producers: 'p'.charCodeAt(0),
  quarantine: 'q'.charCodeAt(0),
  segment: 's'.charCodeAt(0),
  tail: 't'.charCodeAt(0),
  extent: 'x'.charCodeAt(0),
} as const

/** Kinds of rows. */
export type RowKind = keyof typeof letters

/** Key of a table batch's own row. */
export function batchKey(number: number): Uint8Array {
  const key = new Uint8Array(9)
  key[0] = letters.batch
  putInt64(viewOf(key), 1, number)
  return key
}

/** Number in a batch row's key. */
export function batchNumberOf(key: Uint8Array): number {
  return takeInt64(viewOf(key), 1)
}

/** Key of a row that one id names: a log, a tail, a doomed file; of a row of the directory, by 0. */
export function idKey(
  kind: 'log' | 'tail' | 'doomed' | 'scrub' | 'missing',
  id: number,
): Uint8Array {
  const key = new Uint8Array(5)
  key[0] = letters[kind]
  viewOf(key).setUint32(1, id)
  return key
}

/** The first id in a key. */
export function idOf(key: Uint8Array): number {
  return viewOf(key).getUint32(1)
}

/** Key of a segment. */
export function segmentKey(logId: number, fileId: number): Uint8Array {
  const key = new Uint8Array(9)
  key[0] = letters.segment
  const view = viewOf(key)
  view.setUint32(1, logId)
  view.setUint32(5, fileId)
  return key
}

/** File id in a segment's key. */
export function fileIdOf(key: Uint8Array): number {
  return viewOf(key).getUint32(5)
}

/** Key of an extent, or of a quarantined one, by the offset of its last record. */
export function extentKey(
  kind: 'extent' | 'quarantine',
  logId: number,
  lastOffset: number,
): Uint8Array {
  const key = new Uint8Array(13)
  key[0] = letters[kind]
  const view = viewOf(key)
  view.setUint32(1, logId)
  putInt64(view, 5, lastOffset)
  return key
}

/** Key of a snapshot of a log's producers, by the offset after the last record that it covers. */
export function producersKey(logId: number, endOffset: number): Uint8Array {
  const key = new Uint8Array(13)
  key[0] = letters.producers
  const view = viewOf(key)
  view.setUint32(1, logId)
  putInt64(view, 5, endOffset)
  return key
}

/** Last offset in an extent's key, end offset in that of a snapshot. */
export function lastOffsetOf(key: Uint8Array): Offset {
  return offset(takeInt64(viewOf(key), 5))
}

/** All rows of a kind. */
export function rangeOfKind(kind: RowKind): KeyRange {
  return { from: Uint8Array.of(letters[kind]), to: Uint8Array.of(letters[kind] + 1) }
}

/** All rows of a kind that belong to one log. */
export function rangeOfLog(kind: 'extent' | 'segment' | 'quarantine', logId: number): KeyRange {
  return { from: logPrefix(kind, logId), to: logPrefix(kind, logId + 1) }
}

/** The extents of a log that end at `from` or later. */
export function extentsFrom(logId: number, from: Offset): KeyRange {
  return { from: extentKey('extent', logId, from), to: logPrefix('extent', logId + 1) }
}

function logPrefix(kind: RowKind, logId: number): Uint8Array {
  const prefix = new Uint8Array(5)
  prefix[0] = letters[kind]
  viewOf(prefix).setUint32(1, logId)
  return prefix
}
