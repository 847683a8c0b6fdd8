/**
 * Tells those who wait that a partition moved. Whoever moves one calls `moved` in the same turn, and
 * `flush` when its turn is over, so that one answer to a follower carries all that happened in it.
 */
import { type HostedPartition } from './hosted-partition.ts'
import { type Purgatory } from './purgatory.ts'
import { type ReplicaSessions } from './replica-sessions.ts'

/** Spreads news of partitions inside the broker. */
export class Announcer {
  readonly #purgatory: Purgatory
  readonly #sessions: ReplicaSessions

  constructor(waiters: { readonly purgatory: Purgatory; readonly sessions: ReplicaSessions }) {
    this.#purgatory = waiters.purgatory
    this.#sessions = waiters.sessions
  }

  /** A log's end or durable end, a high watermark, a role or an epoch moved. */
  moved(hosted: HostedPartition): void {
    this.#purgatory.moved(hosted)
    this.#sessions.mark(hosted)
  }

  /** Answers the followers that have news now. */
  flush(): void {
    this.#sessions.flush()
  }
}
