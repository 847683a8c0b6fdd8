import { expect, test } from 'vitest'
import { parseAddresses } from '../../../../src/core/client/address.ts'

test.each([
  ['127.0.0.1:7092', [{ host: '127.0.0.1', port: 7092 }]],
  [
    'a:1, b:2,',
    [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ],
  ],
  ['[::1]:9', [{ host: '::1', port: 9 }]],
  ['broker', [{ host: 'broker', port: 7092 }]],
])('%s is read', (text, addresses) => {
  expect(parseAddresses(text)).toEqual({ ok: true, addresses })
})

test.each(['a:0', 'a:65536', 'a:b', '::1', 'http://a:1', 'a b:1'])(
  '%s is refused, by name',
  (text) => {
    const parsed = parseAddresses(text)
    expect(parsed.ok ? '' : parsed.message).toContain(text)
  },
)

test('an empty list is refused', () => {
  expect(parseAddresses(' , ')).toMatchObject({ ok: false })
})
