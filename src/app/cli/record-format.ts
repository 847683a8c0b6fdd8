/** How `sluice consume` prints a record: its value, JSON, or a template. */
import { CommandError } from './failure.ts'

/** A record as it was read. */
export interface PrintableRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | undefined
  readonly value: Uint8Array | undefined
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array | undefined }[]
}

/** Prints one record, without the line end. */
export type RecordPrinter = (record: PrintableRecord) => string

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The printer for a format: `value`, `json`, or a template with `{key}` and the like. */
export function recordPrinter(format: string): RecordPrinter {
  if (format === 'value') return ({ value }) => plain(value)
  if (format === 'json') return (record) => JSON.stringify(jsonOf(record))
  return templatePrinter(format)
}

function jsonOf(record: PrintableRecord): object {
  const { topic, partition, offset, timestampMs, key, value, headers } = record
  return {
    ...{ topic, partition, offset, timestampMs },
    key: jsonText(key),
    value: jsonText(value),
    headers: Object.fromEntries(headers.map((header) => [header.name, jsonText(header.value)])),
  }
}

const fields: Readonly<Record<string, RecordPrinter>> = {
  topic: ({ topic }) => topic,
  partition: ({ partition }) => String(partition),
  offset: ({ offset }) => String(offset),
  timestamp: ({ timestampMs }) => new Date(timestampMs).toISOString(),
  timestampMs: ({ timestampMs }) => String(timestampMs),
  key: ({ key }) => plain(key),
  value: ({ value }) => plain(value),
  headers: ({ headers }) => headers.map(({ name, value }) => `${name}=${plain(value)}`).join(','),
}

function templatePrinter(template: string): RecordPrinter {
  const stranger = [...template.matchAll(/\{(\w*)\}/g)].find(
    ([, name = '']) => !Object.hasOwn(fields, name),
  )
  if (stranger !== undefined || !template.includes('{'))
    throw new CommandError(
      'USAGE',
      `--format takes value, json or a template with ${Object.keys(fields)
        .map((name) => `{${name}}`)
        .join(' ')}, not '${template}'.`,
    )
  const text = template.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
  return (record) =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => fields[name]?.(record) ?? '')
}

function plain(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('utf8')
}

/** Text; null for null; bytes that are no UTF-8 as `{base64}`, so that nothing is lost. */
function jsonText(bytes: Uint8Array | undefined): string | null | { readonly base64: string } {
  if (bytes === undefined) return null
  try {
    return decoder.decode(bytes)
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') }
  }
}
