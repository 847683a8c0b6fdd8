/**
 * Fetches that found nothing new and wait at the leader. They are answered by an append, by a high
 * watermark above the one that the fetcher knows (KIP-1166), by their deadline, or by the end of the
 * leader's term, whichever comes first.
 */
import { type Offset } from '../../base/id.ts'
import { type ReplicaKey } from '../api/quorum.ts'
import { isSameReplica } from './voter-set.ts'

/** One fetch that waits. */
export interface ParkedFetch {
  readonly requestId: number
  readonly replica: ReplicaKey
  readonly fetchOffset: Offset
  readonly highWatermark: Offset
  readonly bytesMax: number
  readonly deadlineAtMs: number
}

/** All that wait, in order of arrival. */
export class ParkedFetches {
  #waiting: ParkedFetch[] = []

  /** The earliest deadline; `Infinity` when nothing waits. */
  nextDeadlineMs(): number {
    return this.#waiting.reduce((least, one) => Math.min(least, one.deadlineAtMs), Infinity)
  }

  /** Adds one; an earlier one of the same replica is given back, to be answered: it waits no more. */
  park(fetch: ParkedFetch): readonly ParkedFetch[] {
    const earlier = this.#take((one) => isSameReplica(one.replica, fetch.replica))
    this.#waiting.push(fetch)
    return earlier
  }

  /** Takes out those for whom this is news. */
  takeNews(news: {
    readonly logEndOffset: Offset
    readonly highWatermark: Offset
  }): readonly ParkedFetch[] {
    return this.#take(
      (one) => one.fetchOffset < news.logEndOffset || one.highWatermark < news.highWatermark,
    )
  }

  /** Takes out those whose time is over. */
  takeLate(nowMs: number): readonly ParkedFetch[] {
    return this.#take((one) => one.deadlineAtMs <= nowMs)
  }

  /** Takes out all. */
  takeAll(): readonly ParkedFetch[] {
    return this.#take(() => true)
  }

  #take(matches: (fetch: ParkedFetch) => boolean): readonly ParkedFetch[] {
    if (this.#waiting.length === 0) return []
    const taken = this.#waiting.filter(matches)
    if (taken.length > 0) this.#waiting = this.#waiting.filter((one) => !taken.includes(one))
    return taken
  }
}
