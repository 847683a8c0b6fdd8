/**
 * The two ends of a replica fetch stream (KIP-227): the follower sends a position only when it
 * changed, the leader answers only partitions with news. Pure bookkeeping of who must be looked at
 * next; what a position means is decided in `fetch-check.ts`.
 *
 * Invariants:
 * - A follower sends the position of every partition that the last answer named, changed or not, so
 *   that a partition is never waited for on both sides.
 * - A leader keeps a partition among its candidates until it found no news in it, and serves them in
 *   turns, so that a busy partition cannot starve the others of a full answer.
 */
import { type BrokerEpoch, type NodeId, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type ReplicaFetchRequest, type ReplicaPosition } from '../api/replica-fetch.ts'

/** Names a partition. */
export interface PartitionId {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
}

/** Key of a partition in maps. */
export function partitionKey(id: PartitionId): string {
  return `${id.topicId}/${id.partition}`
}

/** What the follower's next request carries. */
export interface PlannedFetch {
  readonly sequence: number
  readonly positions: readonly ReplicaPosition[]
  readonly forgotten: readonly PartitionId[]
}

/** The follower's end: which positions the leader must be told. */
export class FollowerSession {
  readonly #members = new Map<string, PartitionId>()
  readonly #due = new Set<string>()
  readonly #forgotten = new Map<string, PartitionId>()
  #sequence = 0

  /** Fetches a partition from the next request on; one that is there already is sent again. */
  add({ topicId, partition }: PartitionId): void {
    const id = { topicId, partition }
    const key = partitionKey(id)
    this.#members.set(key, id)
    this.#forgotten.delete(key)
    this.#due.add(key)
  }

  /** Stops fetching a partition; true when it was there. */
  remove({ topicId, partition }: PartitionId): boolean {
    const id = { topicId, partition }
    const key = partitionKey(id)
    if (!this.#members.delete(key)) return false
    this.#due.delete(key)
    // A copy: callers hand in whatever carries the two names, and this one goes on the wire.
    this.#forgotten.set(key, { topicId: id.topicId, partition: id.partition })
    return true
  }

  /** The position may have changed, or the leader waits to hear it. */
  touch(id: PartitionId): void {
    const key = partitionKey(id)
    if (this.#members.has(key)) this.#due.add(key)
  }

  /** The next request starts the session anew, with all positions. */
  restart(): void {
    this.#sequence = 0
    this.#forgotten.clear()
    for (const key of this.#members.keys()) this.#due.add(key)
  }

  /** The next request. A partition without a position now is left out until it is touched. */
  plan(positionOf: (id: PartitionId) => ReplicaPosition | undefined): PlannedFetch {
    const positions = []
    for (const key of this.#due) {
      const id = this.#members.get(key)
      const position = id === undefined ? undefined : positionOf(id)
      if (position !== undefined) positions.push(position)
    }
    const planned = {
      sequence: this.#sequence,
      positions,
      forgotten: [...this.#forgotten.values()],
    }
    this.#due.clear()
    this.#forgotten.clear()
    this.#sequence += 1
    return planned
  }
}

/** The leader's end: positions of one follower's stream, and which may have news. */
export class LeaderSession {
  readonly replicaId: NodeId
  readonly sessionId: number
  #brokerEpoch: BrokerEpoch
  #sequence = -1
  readonly #positions = new Map<string, ReplicaPosition>()
  readonly #candidates = new Set<string>()

  constructor(request: ReplicaFetchRequest) {
    this.replicaId = request.replicaId
    this.sessionId = request.sessionId
    this.#brokerEpoch = request.brokerEpoch
  }

  /** Broker epoch of the newest request. */
  get brokerEpoch(): BrokerEpoch {
    return this.#brokerEpoch
  }

  /**
   * Takes a request's positions. False when it is out of turn (an older one delivered late, or the
   * start of the session was lost): then nothing changed and the follower must start anew.
   */
  accept(request: ReplicaFetchRequest): boolean {
    if (request.sequence === 0) {
      this.#positions.clear()
      this.#candidates.clear()
    } else if (
      request.sequence !== this.#sequence + 1 ||
      request.brokerEpoch !== this.#brokerEpoch
    ) {
      return false
    }
    this.#brokerEpoch = request.brokerEpoch
    this.#sequence = request.sequence
    for (const id of request.forgotten) {
      this.#positions.delete(partitionKey(id))
      this.#candidates.delete(partitionKey(id))
    }
    for (const position of request.positions) {
      const key = partitionKey(position)
      this.#positions.set(key, position)
      this.#candidates.add(key)
    }
    return true
  }

  /** Something happened in a partition; false when this stream does not fetch it. */
  mark(key: string): boolean {
    if (!this.#positions.has(key)) return false
    this.#candidates.add(key)
    return true
  }

  /** Positions that may have news, the longest waiting first. */
  *candidates(): Generator<readonly [string, ReplicaPosition]> {
    for (const key of this.#candidates) {
      const position = this.#positions.get(key)
      if (position !== undefined) yield [key, position]
    }
  }

  /** A candidate was answered or had no news: it waits until something happens in it. */
  settle(key: string): void {
    this.#candidates.delete(key)
  }
}
