/**
 * LogAppendTime: the leader gives a batch its own time. Only the header changes (attribute bit 3 and
 * the greatest timestamp, which readers then take for every record), and with it the CRC; the
 * records stay as they were sent. Source: KIP-32.
 */
import { viewOf } from '../../base/bytes.ts'
import { crc32c } from '../../base/crc32c.ts'
import { batchBytes, crcFrom, forEachBatch } from '../record/batch-header.ts'

const attributesAt = 21
const logAppendTimeBit = 8
const maxTimestampAt = 35
const crcAt = 17

/** Stamps every batch of a run with the time of append, in place. */
export function stampAppendTime(bytes: Uint8Array, wallMs: number): void {
  const view = viewOf(bytes)
  forEachBatch(bytes, (at) => {
    view.setInt16(at + attributesAt, view.getInt16(at + attributesAt) | logAppendTimeBit)
    view.setBigInt64(at + maxTimestampAt, BigInt(wallMs))
    view.setUint32(at + crcAt, crc32c(bytes.subarray(at + crcFrom, at + batchBytes(bytes, at))))
  })
}
