import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PersistentMap } from '../../../src/base/persistent-map.ts'

const change = fc.record({
  key: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom('a', 'b', 'Aa', 'BB')),
  value: fc.option(fc.integer(), { nil: undefined }),
})

test('it holds what a plain map holds after any changes, and older versions stay as they were', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      let map = PersistentMap.empty<number | string, number>()
      const model = new Map<number | string, number>()
      const versions: { map: typeof map; model: Map<number | string, number> }[] = []
      for (const { key, value } of changes) {
        map = value === undefined ? map.delete(key) : map.set(key, value)
        if (value === undefined) model.delete(key)
        else model.set(key, value)
        versions.push({ map, model: new Map(model) })
      }
      for (const version of versions) {
        expect(version.map.size).toBe(version.model.size)
        expect(new Map(version.map.entries())).toEqual(version.model)
        for (const [key, value] of version.model) expect(version.map.get(key)).toBe(value)
      }
    }),
  )
})

test('a number and the text of its digits are two keys', () => {
  const map = PersistentMap.empty<number | string, string>().set(1, 'number').set('1', 'text')
  expect([map.get(1), map.get('1'), map.size]).toEqual(['number', 'text', 2])
})

test('the order of entries does not depend on how the map came about', () => {
  const keys = Array.from({ length: 500 }, (_, index) => index)
  const build = (order: readonly number[]): PersistentMap<number, number> =>
    order.reduce((map, key) => map.set(key, key), PersistentMap.empty<number, number>())
  const withDetour = build([...keys, 501, 502])
    .delete(501)
    .delete(502)
  expect([...build(keys).keys()]).toEqual([...build(keys.toReversed()).keys()])
  expect([...build(keys).keys()]).toEqual([...withDetour.keys()])
})
