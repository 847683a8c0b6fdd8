/**
 * Keys for the workload of compacted topics, and how a record says which send it came from: by its
 * value, or by a header when it is a tombstone.
 */
import { textOf, utf8 } from '../../base/bytes.ts'
import { type Random } from '../../base/random.ts'
import { type KeyedSend } from '../checker/history.ts'

const keyCount = 9
/** Keys from this one on are deleted now and then. */
const firstDeletedKey = 6
const tombstoneShare = 0.3
/** Long: a log is settled into segments 64 KiB at a time. */
const paddingBytesMax = 10_000
const header = 'value'

/** The parts of a record that say which send it came from. */
export interface MarkedRecord {
  readonly value: Uint8Array | undefined
  readonly headers: readonly { readonly name: string; readonly value: Uint8Array | undefined }[]
}

/** Draws the key of each send, and how long its record is, so that segments fill. */
export class KeyedValues {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** The next key, with a value or without. */
  next(): KeyedSend {
    const number = this.#random.below(keyCount)
    const isTombstone = number >= firstDeletedKey && this.#random.chance(tombstoneShare)
    return { key: `key ${number}`, isTombstone }
  }

  /** A record of a key. */
  record({ key, isTombstone }: KeyedSend, value: string): MarkedRecord & { key: Uint8Array } {
    const padding = ' '.repeat(this.#random.below(paddingBytesMax))
    return {
      key: utf8(key),
      value: isTombstone ? undefined : utf8(value + padding),
      headers: isTombstone ? [{ name: header, value: utf8(value) }] : [],
    }
  }
}

/** The value that was sent with a record. */
export function sentValueOf({ value, headers }: MarkedRecord): string {
  const marked = value ?? headers.find(({ name }) => name === header)?.value
  return marked === undefined ? '' : textOf(marked).trimEnd()
}

/** True for a key that has tombstones now and then. */
export function isDeletedKey(key: string): boolean {
  return Number(key.slice('key '.length)) >= firstDeletedKey
}
