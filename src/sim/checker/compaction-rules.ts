/**
 * What compaction may take out of a partition, by what was sent to it and what is left: a record that
 * a later one of its key has superseded; and a tombstone with all that it superseded, where tombstones
 * go. Everything else must still be where it was.
 */
import { type KeyedSend, type SeenRecord } from './history.ts'

/** What the rules know of a send. */
export interface RuledSend {
  readonly keyed: KeyedSend | undefined
  readonly outcome: 'open' | 'ok' | 'fail' | 'info'
  readonly offset: number
}

/** What is missing in one partition, under judgement. */
export class CompactionRules {
  /** Offset of the newest record that is left of each key. */
  readonly #newest = new Map<string, number>()
  /** The greatest offset at which a tombstone of each key may have been. */
  readonly #tombstones = new Map<string, number>()

  /** `tombstonesStay`: none is old enough to go. `sends` are those to the partition, by value. */
  constructor(
    records: readonly SeenRecord[],
    sends: ReadonlyMap<string, RuledSend>,
    tombstonesStay: boolean,
  ) {
    for (const { offset, value } of records) {
      const key = sends.get(value)?.keyed?.key
      if (key !== undefined) this.#newest.set(key, offset)
    }
    if (tombstonesStay) return
    for (const { keyed, outcome, offset } of sends.values()) {
      if (keyed?.isTombstone !== true || outcome === 'fail') continue
      const at = outcome === 'ok' ? offset : Infinity
      this.#tombstones.set(keyed.key, Math.max(at, this.#tombstones.get(keyed.key) ?? -1))
    }
  }

  /** True for a record of `send` at `offset` that may be gone. */
  mayBeGone(send: RuledSend | undefined, offset: number): boolean {
    if (send?.keyed === undefined) return false
    const { key } = send.keyed
    if ((this.#newest.get(key) ?? -1) > offset) return true
    return (this.#tombstones.get(key) ?? -1) >= offset
  }
}
