import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assert, Defect, present, unreachable } from '../../../src/base/assert.ts'
import { Heap } from '../../../src/base/heap.ts'
import * as id from '../../../src/base/id.ts'
import { seededRandom } from '../../../src/base/random.ts'
import { uuidFromBytes, uuidToBytes } from '../../../src/base/uuid.ts'

test('what must hold and does not is a defect', () => {
  expect(() => {
    assert(false, 'broken')
  }).toThrow(Defect)
  expect(() => {
    present(undefined, 'thing')
  }).toThrow('absent: thing')
  expect(() => unreachable('left over' as never)).toThrow(Defect)
  expect(present(0, 'zero')).toBe(0)
})

test('ids and offsets take only numbers they can hold', () => {
  expect(id.offset(2 ** 53 - 1)).toBe(2 ** 53 - 1)
  for (const bad of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => id.offset(bad)).toThrow(Defect)
  expect(() => id.nodeId(2 ** 31)).toThrow(Defect)
  expect(() => id.topicId('short')).toThrow(Defect)
})

test('an id survives the way from bytes to text and back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const text = uuidFromBytes(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64url'))
      expect(uuidToBytes(text)).toEqual(bytes)
    }),
  )
})

test('a heap hands out items in the order of its rule', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = new Heap<number>((left, right) => left < right)
      for (const item of items) heap.push(item)
      const out = items.map(() => heap.pop())
      expect(out).toEqual([...items].sort((left, right) => left - right))
      expect([heap.pop(), heap.peek(), heap.size]).toEqual([undefined, undefined, 0])
    }),
  )
})

test('the same seed gives the same numbers, another name others', () => {
  const draw = (seed: string): readonly number[] => {
    const random = seededRandom(seed)
    return Array.from({ length: 20 }, () => random.below(1000))
  }
  expect(draw('7')).toEqual(draw('7'))
  expect(draw('7')).not.toEqual(draw('8'))
  expect(seededRandom(7).fork('disk').next()).not.toBe(seededRandom(7).fork('network').next())
})

test('numbers of a stream are spread evenly', () => {
  const random = seededRandom('spread')
  const counts = new Array<number>(10).fill(0)
  for (let draw = 0; draw < 100_000; draw++) {
    const bucket = random.below(10)
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(600)
})
