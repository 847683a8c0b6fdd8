/**
 * Extents: where a run lies on disk. The row of one, 58 bytes, under (log id, last offset):
 *
 *    0 format 1   kind 1   file id 4      6 position 8   14 length 4   18 leader epoch 4
 *   22 batch count 4   26 first offset 8   34 greatest timestamp 8   42 next offset 8
 *   50 CRC of the batch headers 4   54 CRC of the key and of all before 4
 */
import { viewOf } from '../../base/bytes.ts'
import { crc32c } from '../../base/crc32c.ts'
import { epoch, offset, type Offset } from '../../base/id.ts'
import { type KeyValueEntry } from '../ports/key-value-store.ts'
import { putInt64, takeInt64 } from './int64.ts'
import { extentKey } from './keys.ts'
import { type Run } from './run.ts'

/** A run in a segment file. */
export interface Extent extends Run {
  readonly fileId: number
  readonly position: number
}

const formatNumber = 1
const kindFile = 1
const rowBytes = 58
const crcAt = 54

/** The row of an extent. */
export function extentRow(logId: number, extent: Extent): KeyValueEntry {
  const key = extentKey('extent', logId, extent.next - 1)
  const value = new Uint8Array(rowBytes)
  const view = viewOf(value)
  value[0] = formatNumber
  value[1] = kindFile
  view.setUint32(2, extent.fileId)
  putInt64(view, 6, extent.position)
  view.setUint32(14, extent.length)
  view.setInt32(18, extent.epoch)
  view.setUint32(22, extent.batchCount)
  putInt64(view, 26, extent.first)
  putInt64(view, 34, extent.maxTimestampMs)
  putInt64(view, 42, extent.next)
  view.setUint32(50, extent.headersCrc)
  view.setUint32(crcAt, crc32c(value.subarray(0, crcAt), crc32c(key)))
  return { key, value }
}

/** Reads a row; undefined when its CRC, format or shape is wrong. */
export function decodeExtent(row: KeyValueEntry): Extent | undefined {
  const { key, value } = row
  if (value.length !== rowBytes) return undefined
  const view = viewOf(value)
  if (view.getUint32(crcAt) !== crc32c(value.subarray(0, crcAt), crc32c(key))) return undefined
  if (value[0] !== formatNumber || value[1] !== kindFile) return undefined
  return {
    fileId: view.getUint32(2),
    position: takeInt64(view, 6),
    length: view.getUint32(14),
    epoch: epoch(view.getInt32(18)),
    batchCount: view.getUint32(22),
    first: offset(takeInt64(view, 26)),
    maxTimestampMs: takeInt64(view, 34),
    next: offset(takeInt64(view, 42)),
    headersCrc: view.getUint32(50),
  }
}

/** Index of the extent that holds `wanted` in a gapless ascending list, or -1. */
export function extentIndex(extents: readonly Extent[], wanted: Offset): number {
  let low = 0
  let high = extents.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((extents[middle]?.next ?? 0) <= wanted) low = middle + 1
    else high = middle
  }
  const found = extents[low]
  return found !== undefined && found.first <= wanted ? low : -1
}
