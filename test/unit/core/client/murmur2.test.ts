import { expect, test } from 'vitest'
import { utf8 } from '../../../../src/base/bytes.ts'
import { murmur2, partitionOfKey } from '../../../../src/core/client/murmur2.ts'

/** Computed by `org.apache.kafka.common.utils.Utils.murmur2` of kafka-clients 4.3.0. */
const kafka: readonly (readonly [string, number])[] = [
  ['', 275_646_681],
  ['a', -1_563_381_124],
  ['ab', 316_155_434],
  ['abc', 479_470_107],
  ['abcd', -1_323_649_548],
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['été', -2_101_193_575],
  ['0', 971_027_396],
  ['23', -996_148_796],
]

test.each(kafka)('the hash of %j is Kafka’s', (key, hash) => {
  expect(murmur2(utf8(key))).toBe(hash)
})

test('a negative hash is made positive by its mask, not by its absolute value', () => {
  expect(partitionOfKey(utf8('21'), 10)).toBe((-973_932_308 & 0x7fffffff) % 10)
})

test('every partition of a topic is within its count', () => {
  for (let index = 0; index < 1000; index++) {
    const partition = partitionOfKey(utf8(`key ${index}`), 7)
    expect(partition).toBeGreaterThanOrEqual(0)
    expect(partition).toBeLessThan(7)
  }
})
