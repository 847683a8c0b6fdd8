/** What `sluice consume` prints. */
import { expect, test } from 'vitest'
import { type PrintableRecord, recordPrinter } from '../../../../src/app/cli/record-format.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const record: PrintableRecord = {
  topic: 'orders',
  partition: 2,
  offset: 41,
  timestampMs: 0,
  key: bytes('ann'),
  value: bytes('tea'),
  headers: [{ name: 'trace', value: bytes('x1') }],
}

test('value prints the value, and an empty line for null', () => {
  expect(recordPrinter('value')(record)).toBe('tea')
  expect(recordPrinter('value')({ ...record, value: undefined })).toBe('')
})

test('json has the keys that programs rely on', () => {
  expect(JSON.parse(recordPrinter('json')(record))).toEqual({
    topic: 'orders',
    partition: 2,
    offset: 41,
    timestampMs: 0,
    key: 'ann',
    value: 'tea',
    headers: { trace: 'x1' },
  })
})

test('json keeps null apart from empty, and bytes that are no text as base64', () => {
  const printed: unknown = JSON.parse(
    recordPrinter('json')({ ...record, key: undefined, value: Uint8Array.of(255, 0) }),
  )
  expect(printed).toMatchObject({ key: null, value: { base64: '/wA=' } })
})

test('a template names fields and may hold tabs', () => {
  const print = recordPrinter('{partition}\\t{offset}\\t{key}={value} {headers} {timestamp}')
  expect(print(record)).toBe('2\t41\tann=tea trace=x1 1970-01-01T00:00:00.000Z')
})

test('a template that names an unknown field, or none, is refused', () => {
  expect(() => recordPrinter('{valu}')).toThrow(/--format takes value, json or a template/)
  expect(() => recordPrinter('jsno')).toThrow(/not 'jsno'/)
})
