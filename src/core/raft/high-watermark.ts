/**
 * How far the quorum has committed, from where each voter has synced. Raft §5.4.2: only an entry of
 * the leader's own epoch commits, and everything before it with it; an older epoch's entry on a
 * majority may still be replaced.
 */
import { offset, type Offset } from '../../base/id.ts'

/** What the leader knows when it asks. */
export interface CommitFacts {
  /** Synced end of each voter's log, the leader's own included, in any order. */
  readonly syncedEnds: readonly Offset[]
  /** Where the leader's own epoch starts in the log. */
  readonly epochStartOffset: Offset
  /** What is known to be committed already. */
  readonly highWatermark: Offset
}

/** The high watermark that follows from the facts: never lower than the known one. */
export function planHighWatermark(facts: CommitFacts): Offset {
  const ends = [...facts.syncedEnds].sort((left, right) => right - left)
  // The majority's smallest: this many voters, and no fewer, hold everything below it.
  const held = ends[Math.floor(ends.length / 2)]
  if (held === undefined || held <= facts.epochStartOffset) return facts.highWatermark
  return offset(Math.max(held, facts.highWatermark))
}
