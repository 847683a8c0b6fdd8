/**
 * Sequence numbers of idempotent producers: 31 bits, 0 follows on 2^31 - 1. A producer counts its
 * records of one partition and epoch from 0 on; a batch carries the sequence of its first record.
 */
const sequenceCount = 2147483648

/** The sequence `count` records after another. */
export function sequencePlus(sequence: number, count: number): number {
  return (sequence + count) % sequenceCount
}

/** How many records lie between two sequences, going up from the first and round. */
export function sequenceDistance(from: number, to: number): number {
  return to >= from ? to - from : to + sequenceCount - from
}
