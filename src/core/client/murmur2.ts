/**
 * Kafka's key partitioner, bit for bit: 32-bit murmur2 with Kafka's seed, made positive by masking
 * (not by `abs`), modulo the partition count. Every Kafka client agrees on it, so records of one
 * key meet in one partition whoever wrote them.
 */
import { type PartitionIndex } from '../../base/id.ts'

const seed = 0x9747b28c
const multiplier = 0x5bd1e995

/** The signed 32-bit murmur2 of the bytes. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  let hash = seed ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    let word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    word = Math.imul(word, multiplier)
    word = Math.imul(word ^ (word >>> 24), multiplier)
    hash = Math.imul(hash, multiplier) ^ word
  }
  const left = length - at
  if (left > 0) {
    if (left === 3) hash ^= (bytes[at + 2] ?? 0) << 16
    if (left >= 2) hash ^= (bytes[at + 1] ?? 0) << 8
    hash = Math.imul(hash ^ (bytes[at] ?? 0), multiplier)
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}

/** The partition of a key, for a topic of `partitionCount` partitions. */
export function partitionOfKey(key: Uint8Array, partitionCount: number): PartitionIndex {
  return ((murmur2(key) & 0x7fffffff) % partitionCount) as PartitionIndex // below the count by construction
}
