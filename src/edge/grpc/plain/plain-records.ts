/** Records as people write them ⇄ records in batches. */
import type { RecordView } from '../../../core/record/batch-reader.ts'
import type { PlainRecord as BatchRecord, RecordHeader } from '../../../core/record/batch-writer.ts'
import { MalformedBytesError, textOf } from '../../../base/bytes.ts'
import type { PlainHeader__Output } from '../gen/sluice/v1/PlainHeader.ts'
import type { PlainRecord, PlainRecord__Output } from '../gen/sluice/v1/PlainRecord.ts'

/** A record to be written; without a time it gets `nowMs`. */
export function recordIn(message: PlainRecord__Output, nowMs: number): BatchRecord {
  const key = bytesIn(message.keyBytes, message.keyText)
  const value = bytesIn(message.valueBytes, message.valueText)
  return {
    ...(key && { key }),
    ...(value && { value }),
    headers: message.headers.map(headerIn),
    timestampMs: message.timestampMs ?? nowMs,
  }
}

/** A record that was read; with `asText`, what is UTF-8 comes as text. */
export function recordOut(record: RecordView, asText: boolean): PlainRecord {
  const key = fieldOut(record.key(), asText)
  const value = fieldOut(record.value(), asText)
  return {
    ...(key?.text !== undefined && { keyText: key.text }),
    ...(key?.bytes && { keyBytes: key.bytes }),
    ...(value?.text !== undefined && { valueText: value.text }),
    ...(value?.bytes && { valueBytes: value.bytes }),
    headers: record.headers().map(({ name, value: bytes }) => {
      const field = fieldOut(bytes, asText)
      return {
        name,
        ...(field?.text !== undefined && { valueText: field.text }),
        ...(field?.bytes && { valueBytes: field.bytes }),
      }
    }),
    ...(record.timestampMs >= 0 && { timestampMs: record.timestampMs }),
  }
}

function headerIn(message: PlainHeader__Output): RecordHeader {
  return { name: message.name, value: bytesIn(message.valueBytes, message.valueText) }
}

function bytesIn(bytes: Buffer | undefined, text: string | undefined): Uint8Array | undefined {
  return text === undefined ? bytes : Buffer.from(text)
}

interface FieldOut {
  readonly bytes?: Uint8Array
  readonly text?: string
}

function fieldOut(bytes: Uint8Array | undefined, asText: boolean): FieldOut | undefined {
  if (bytes === undefined) return undefined
  if (!asText) return { bytes }
  try {
    return { text: textOf(bytes) }
  } catch (cause) {
    if (!(cause instanceof MalformedBytesError)) throw cause
    return { bytes }
  }
}
