/**
 * Rows of the segment table besides extents. Each value ends with a CRC32C over its key and itself,
 * and starts with its format; a row that does not prove itself decodes to undefined.
 */
import { ByteReader, ByteWriter, MalformedBytesError, viewOf } from '../../base/bytes.ts'
import { crc32c } from '../../base/crc32c.ts'
import {
  epoch,
  isUuid,
  offset,
  partitionIndex,
  topicId,
  type Offset,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { type EpochEntry } from '../../core/record/epoch-history.ts'
import { type KeyValueEntry } from '../ports/key-value-store.ts'
import { batchKey, idKey, lastOffsetOf, producersKey, segmentKey } from './keys.ts'
import { type FlushMode, type ProducersSnapshot } from './partition-log.ts'

const formatNumber = 1
const crcBytes = 4
const modes: readonly FlushMode[] = ['ack', 'interval']
const roles: readonly LogRole[] = ['current', 'future', 'leaving']
const reasons = [undefined, 'interval', 'corrupt'] as const

/** Why a log cannot be vouched for. */
export type UncleanReason = 'interval' | 'corrupt'

/**
 * What a log is to its partition: served; a copy under way into this directory; or about to be
 * replaced by such a copy, so that it counts only where the copy is seen not to.
 */
export type LogRole = 'current' | 'future' | 'leaving'

/** Names a log id. */
export interface LogRow {
  readonly logId: number
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly flush: FlushMode
  readonly segmentBytes: number
  readonly role: LogRole
  /** Grows with each move between directories: of several copies of a partition the greatest counts. */
  readonly copy: number
  /** Set until the controller has taken note. */
  readonly unclean: UncleanReason | undefined
  /** The group that dropped it; the row stays until no live journal can name the log. */
  readonly droppedBy: number | undefined
}

/** What the table holds of a log, and up to which group its journal is reflected. */
export interface TailRow {
  readonly logId: number
  readonly start: Offset
  readonly end: Offset
  readonly extentCount: number
  readonly settledThrough: number
  /** Everything below was compacted. */
  readonly cleanedTo: Offset
}

/** A segment file of a log; sealed, it says all that its extents say together. */
export interface SegmentRow {
  readonly logId: number
  readonly fileId: number
  readonly base: Offset
  readonly sealed: SealedSegment | undefined
  /** Of an unsealed one: what its first extents say together, so that opening it reads only the rest. */
  readonly soFar?: SealedSegment
}

/** The sum of a segment's extents. */
export interface SealedSegment {
  readonly next: Offset
  readonly extentCount: number
  readonly bytes: number
  /** Greatest timestamp of its first extent. */
  readonly firstTimestampMs: number
  readonly maxTimestampMs: number
  /** First offset of the first extent with it. */
  readonly maxTimestampAt: Offset
  readonly epochs: readonly EpochEntry[]
}

/** What one table batch held. */
export interface BatchRow {
  readonly number: number
  readonly rowCount: number
  readonly rowsCrc: number
  /** Batches from here up to this one have their rows. */
  readonly denseFrom: number
}

/** How far the scrubber is in its present pass. Times are wall times. */
export interface ScrubCursor {
  readonly startedAtMs: number
  /** Of the pass before; absent while none was finished. */
  readonly lastEndedAtMs: number | undefined
  /** Where it goes on. */
  readonly logId: number
  readonly next: Offset
  /** What it has read so far. */
  readonly extentCount: number
  readonly bytes: number
  readonly damagedCount: number
}

/** The row of a log that is made now; with a number it is a copy of a log in another directory. */
export function newLogRow(
  logId: number,
  what: Pick<LogRow, 'topicId' | 'partition' | 'flush' | 'segmentBytes'> & {
    readonly copy?: number
  },
): LogRow {
  const { topicId, partition, flush, segmentBytes, copy } = what
  const role = copy === undefined ? 'current' : 'future'
  const fresh = { unclean: undefined, droppedBy: undefined }
  return { logId, topicId, partition, flush, segmentBytes, role, copy: copy ?? 0, ...fresh }
}

/** Encodes a log row. */
export function logRow(row: LogRow): KeyValueEntry {
  const writer = new ByteWriter(64)
    .uint8(formatNumber)
    .text(row.topicId)
    .int32(row.partition)
    .uint8(modes.indexOf(row.flush))
    .int64(row.segmentBytes)
    .uint8(reasons.indexOf(row.unclean))
    .int64(row.droppedBy ?? -1)
    .uint8(roles.indexOf(row.role))
    .uint32(row.copy)
  return sealed(idKey('log', row.logId), writer)
}

/** Decodes a log row. */
export function decodeLogRow(entry: KeyValueEntry): LogRow | undefined {
  return decoded(entry, (reader) => {
    const id = reader.text()
    if (!isUuid(id)) return undefined
    const partition = partitionIndex(reader.int32())
    const flush = modes[reader.uint8()]
    const segmentBytes = reader.int64()
    const unclean = reasons[reader.uint8()]
    const droppedBy = reader.int64()
    const role = roles[reader.remaining > 0 ? reader.uint8() : 0]
    const copy = reader.remaining > 0 ? reader.uint32() : 0
    if (flush === undefined || role === undefined) return undefined
    return {
      logId: viewOf(entry.key).getUint32(1),
      topicId: topicId(id),
      partition,
      flush,
      segmentBytes,
      role,
      copy,
      unclean,
      droppedBy: droppedBy < 0 ? undefined : droppedBy,
    }
  })
}

/** Encodes a tail row. */
export function tailRow(row: TailRow): KeyValueEntry {
  const writer = new ByteWriter(48)
    .uint8(formatNumber)
    .int64(row.start)
    .int64(row.end)
    .uint32(row.extentCount)
    .int64(row.settledThrough)
    .int64(row.cleanedTo)
  return sealed(idKey('tail', row.logId), writer)
}

/** Decodes a tail row. */
export function decodeTailRow(entry: KeyValueEntry): TailRow | undefined {
  return decoded(entry, (reader) => ({
    logId: viewOf(entry.key).getUint32(1),
    start: offset(reader.int64()),
    end: offset(reader.int64()),
    extentCount: reader.uint32(),
    settledThrough: reader.int64(),
    cleanedTo: offset(reader.int64()),
  }))
}

/** Encodes a segment row. */
export function segmentRow(row: SegmentRow): KeyValueEntry {
  const writer = new ByteWriter(64).uint8(formatNumber).int64(row.base)
  const sums = row.sealed ?? row.soFar
  writer.uint8(sums === undefined ? 0 : row.sealed === undefined ? 2 : 1)
  if (sums !== undefined) {
    const { next, extentCount, bytes, firstTimestampMs, maxTimestampMs, maxTimestampAt, epochs } =
      sums
    writer.int64(next).uint32(extentCount).int64(bytes).int64(firstTimestampMs)
    writer.int64(maxTimestampMs).int64(maxTimestampAt).uint32(epochs.length)
    for (const each of epochs) writer.int32(each.epoch).int64(each.startOffset)
  }
  return sealed(segmentKey(row.logId, row.fileId), writer)
}

/** Decodes a segment row. */
export function decodeSegmentRow(entry: KeyValueEntry): SegmentRow | undefined {
  return decoded(entry, (reader) => {
    const view = viewOf(entry.key)
    const base = offset(reader.int64())
    const kind = reader.uint8()
    const sums = kind === 0 ? undefined : decodeSealed(reader)
    return {
      logId: view.getUint32(1),
      fileId: view.getUint32(5),
      base,
      sealed: kind === 1 ? sums : undefined,
      ...(kind === 2 && sums !== undefined && { soFar: sums }),
    }
  })
}

function decodeSealed(reader: ByteReader): SealedSegment {
  const next = offset(reader.int64())
  const extentCount = reader.uint32()
  const bytes = reader.int64()
  const firstTimestampMs = reader.int64()
  const maxTimestampMs = reader.int64()
  const maxTimestampAt = offset(reader.int64())
  const epochCount = reader.uint32()
  const epochs: EpochEntry[] = []
  for (let index = 0; index < epochCount; index++)
    epochs.push({ epoch: epoch(reader.int32()), startOffset: offset(reader.int64()) })
  return { next, extentCount, bytes, firstTimestampMs, maxTimestampMs, maxTimestampAt, epochs }
}

/** Encodes a batch row. */
export function batchRow(row: BatchRow): KeyValueEntry {
  const writer = new ByteWriter(32)
    .uint8(formatNumber)
    .uint32(row.rowCount)
    .uint32(row.rowsCrc)
    .int64(row.denseFrom)
  return sealed(batchKey(row.number), writer)
}

/** Decodes a batch row. */
export function decodeBatchRow(entry: KeyValueEntry): Omit<BatchRow, 'number'> | undefined {
  return decoded(entry, (reader) => ({
    rowCount: reader.uint32(),
    rowsCrc: reader.uint32(),
    denseFrom: reader.int64(),
  }))
}

/** Encodes a snapshot of a log's producers. */
export function producersRow(logId: number, snapshot: ProducersSnapshot): KeyValueEntry {
  const { endOffset, epoch: lastEpoch, bytes } = snapshot
  const writer = new ByteWriter(bytes.length + 8).uint8(formatNumber).int32(lastEpoch).bytes(bytes)
  return sealed(producersKey(logId, endOffset), writer)
}

/** Decodes a snapshot of a log's producers. */
export function decodeProducersRow(entry: KeyValueEntry): ProducersSnapshot | undefined {
  return decoded(entry, (reader) => {
    const lastEpoch = epoch(reader.int32())
    const bytes = reader.bytes(reader.remaining).slice()
    return { endOffset: lastOffsetOf(entry.key), epoch: lastEpoch, bytes }
  })
}

/** Encodes how far the scrubber is. */
export function scrubRow(cursor: ScrubCursor): KeyValueEntry {
  const writer = new ByteWriter(64)
    .uint8(formatNumber)
    .int64(cursor.startedAtMs)
    .int64(cursor.lastEndedAtMs ?? -1)
    .uint32(cursor.logId)
    .int64(cursor.next)
    .int64(cursor.extentCount)
    .int64(cursor.bytes)
    .int64(cursor.damagedCount)
  return sealed(idKey('scrub', 0), writer)
}

/** Decodes how far the scrubber is. */
export function decodeScrubRow(entry: KeyValueEntry): ScrubCursor | undefined {
  return decoded(entry, (reader) => {
    const startedAtMs = reader.int64()
    const lastEndedAtMs = reader.int64()
    return {
      startedAtMs,
      lastEndedAtMs: lastEndedAtMs < 0 ? undefined : lastEndedAtMs,
      logId: reader.uint32(),
      next: offset(reader.int64()),
      extentCount: reader.int64(),
      bytes: reader.int64(),
      damagedCount: reader.int64(),
    }
  })
}

/** A file that is to go, whatever else happens. */
export function doomedRow(fileId: number): KeyValueEntry {
  return sealed(idKey('doomed', fileId), new ByteWriter(8).uint8(formatNumber))
}

/** Rows of whole logs may be missing: the controller has yet to take note. */
export function missingRow(): KeyValueEntry {
  return sealed(idKey('missing', 0), new ByteWriter(8).uint8(formatNumber))
}

/** True for a sound row of a file that is to go: a damaged key would name another file. */
export function isDoomedRow(entry: KeyValueEntry): boolean {
  return decoded(entry, () => true) === true
}

function sealed(key: Uint8Array, writer: ByteWriter): KeyValueEntry {
  const body = writer.finish()
  const value = new Uint8Array(body.length + crcBytes)
  value.set(body)
  viewOf(value).setUint32(body.length, crc32c(body, crc32c(key)))
  return { key, value }
}

function decoded<T>(
  entry: KeyValueEntry,
  read: (reader: ByteReader) => T | undefined,
): T | undefined {
  const { key, value } = entry
  const bodyBytes = value.length - crcBytes
  if (bodyBytes < 1 || value[0] !== formatNumber) return undefined
  const body = value.subarray(0, bodyBytes)
  if (viewOf(value).getUint32(bodyBytes) !== crc32c(body, crc32c(key))) return undefined
  try {
    const reader = new ByteReader(body)
    reader.uint8()
    return read(reader)
  } catch (cause) {
    if (cause instanceof MalformedBytesError) return undefined
    throw cause
  }
}
