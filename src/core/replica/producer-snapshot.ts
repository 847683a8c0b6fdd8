/**
 * A partition's producers as bytes, for the segment table. Only the content: where it belongs (log,
 * offset, epoch) and its CRC are its row's. Ages are kept, not times: a clock that starts anew with
 * the process expires nobody too early.
 *
 *   format u8 | may have forgotten u8 | count varint | producers
 *   producer: id i64 | epoch u16 | idle ms i64 | count u8 | stretches
 *   stretch: first sequence i32 | records i32 | base offset i64 | append time i64
 */
import { ByteReader, ByteWriter, MalformedBytesError } from '../../base/bytes.ts'
import { offset, type Offset } from '../../base/id.ts'
import {
  ProducerState,
  stretchCountMax,
  type ProducerEntry,
  type Stretch,
} from './producer-state.ts'

const formatNumber = 1
const producerBytesMin = 19

/** The bytes of a state. */
export function encodeProducers(state: ProducerState, nowMs: number): Uint8Array {
  const entries = state.entries(nowMs)
  const writer = new ByteWriter(16 + entries.length * 64)
  writer
    .uint8(formatNumber)
    .uint8(state.mayHaveForgotten() ? 1 : 0)
    .varint(entries.length)
  for (const { producerId, producerEpoch, idleMs, stretches } of entries) {
    writer.int64(producerId).uint16(producerEpoch).int64(Math.floor(idleMs))
    writer.uint8(stretches.length)
    for (const { firstSequence, recordCount, baseOffset, appendTimeMs } of stretches)
      writer.int32(firstSequence).int32(recordCount).int64(baseOffset).int64(appendTimeMs)
  }
  return writer.finish()
}

/** The state at `endOffset`; undefined when the bytes are of a format that this build does not know. */
export function decodeProducers(
  bytes: Uint8Array,
  at: { readonly endOffset: Offset; readonly nowMs: number },
): ProducerState | undefined {
  try {
    const reader = new ByteReader(bytes)
    if (reader.uint8() !== formatNumber) return undefined
    const mayHaveForgotten = reader.uint8() === 1
    const entries = Array.from({ length: reader.count(producerBytesMin) }, () => readEntry(reader))
    return ProducerState.restore({ ...at, mayHaveForgotten }, entries)
  } catch (cause) {
    if (cause instanceof MalformedBytesError) return undefined
    throw cause
  }
}

function readEntry(reader: ByteReader): ProducerEntry {
  const producerId = reader.int64()
  const producerEpoch = reader.uint16()
  const idleMs = reader.int64()
  const count = reader.uint8()
  if (count < 1 || count > stretchCountMax) throw new MalformedBytesError(`${count} stretches`)
  const stretches = Array.from({ length: count }, () => readStretch(reader))
  return { producerId, producerEpoch, idleMs, stretches }
}

function readStretch(reader: ByteReader): Stretch {
  const firstSequence = reader.int32()
  const recordCount = reader.int32()
  const baseOffset = reader.int64()
  if (firstSequence < 0 || recordCount < 1 || baseOffset < 0)
    throw new MalformedBytesError('no stretch of a log')
  return {
    firstSequence,
    recordCount,
    baseOffset: offset(baseOffset),
    appendTimeMs: reader.int64(),
  }
}
