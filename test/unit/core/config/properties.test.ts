/** The `.properties` format, as Java reads it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readProperties, writeProperties } from '../../../../src/core/config/properties.ts'

test('keys and values are split at =, : or white space', () => {
  expect(readProperties('a=1\nb: 2\nc 3\nd = 4\n e=5\nf\n')).toEqual({
    a: '1',
    b: '2',
    c: '3',
    d: '4',
    e: '5',
    f: '',
  })
})

test('comments and empty lines are nothing, and the last line of a key wins', () => {
  expect(readProperties('# a=1\n! b=2\n\n   \na=3\na=4')).toEqual({ a: '4' })
})

test('a backslash continues a line and escapes', () => {
  expect(readProperties('a=1,\\\n   2\nb=\\u0041\\t\\\\c\nd\\=e=f')).toEqual({
    a: '1,2',
    b: 'A\t\\c',
    'd=e': 'f',
  })
})

test('a value may hold = and :', () => {
  expect(readProperties('listeners=CLIENT://127.0.0.1:7092,X://[::1]:1=2')).toEqual({
    listeners: 'CLIENT://127.0.0.1:7092,X://[::1]:1=2',
  })
})

test('what is written reads back', () => {
  const key = fc.stringMatching(/^[a-z][a-z.]*$/)
  const value = fc.stringMatching(/^[!-~]([ -~]*[!-~])?$/)
  fc.assert(
    fc.property(fc.dictionary(key, value), (values) => {
      expect({ ...readProperties(writeProperties(values)) }).toEqual({ ...values })
    }),
  )
})
