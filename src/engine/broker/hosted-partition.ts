/**
 * One partition that this broker hosts: its replication state (`core/replica`), its log and its
 * topic's settings, kept together so that whoever moves the log tells the state in the same turn.
 *
 * Invariants:
 * - Appends, truncations and role changes of a partition never interleave: a truncation in flight
 *   makes the partition busy, and images that arrive meanwhile are replayed after it.
 * - The log's start moves only while nothing cuts the log or hands it over, and both wait for it.
 * - After a failed write the partition leads nothing until a higher leader epoch (rule 22).
 * - Bytes known to be damaged are vouched for to no leader. They are cut off, to be fetched again, only
 *   while another broker leads and this replica counts for nothing: in neither ISR nor ELR (rule 19).
 */
import {
  offset,
  type Epoch,
  type Offset,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { assert } from '../../base/assert.ts'
import { type ReplicaPosition } from '../../core/api/replica-fetch.ts'
import { isCompacted, type TopicConfig } from '../../core/config/topic-settings.ts'
import { partitionKey } from '../../core/replica/fetch-plan.ts'
import { Partition, type PartitionNews } from '../../core/replica/partition.ts'
import { type Clock } from '../ports/clock.ts'
import { sleep } from '../runtime/sleep.ts'
import { type LogPolicy, type PartitionLog } from '../storage/partition-log.ts'
import { PartitionProducers } from './partition-producers.ts'

const restPauseMs = 2

/** What a partition is made of. */
export interface HostPartition {
  readonly localId: ConstructorParameters<typeof Partition>[0]['localId']
  readonly topicName: string
  readonly log: PartitionLog
  readonly config: TopicConfig
  readonly clock: Clock
}

/** How a cut ended. */
export interface CutEnd {
  /** An image that waited for it changed the role or the epoch. */
  readonly roleChanged: boolean
  /** Whether it happened is unknown. */
  readonly failure?: { readonly cause: unknown }
}

/** A partition with an open log. */
export class HostedPartition {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly key: string
  readonly topicName: string
  readonly log: PartitionLog
  readonly state: Partition
  readonly producers: PartitionProducers
  readonly #localId: HostPartition['localId']
  readonly #clock: Clock
  #config: TopicConfig
  /** What its log was told last; nothing yet. */
  #policy: LogPolicy | undefined
  #isBusy = false
  #isDropped = false
  #isHeld = false
  #startMoveCount = 0
  #newsWaiting: PartitionNews | undefined

  constructor(options: HostPartition) {
    this.topicId = options.log.topicId
    this.partition = options.log.partition
    this.key = partitionKey(options.log)
    this.topicName = options.topicName
    this.log = options.log
    this.#localId = options.localId
    this.state = new Partition({ localId: options.localId, log: options.log })
    this.#clock = options.clock
    this.producers = new PartitionProducers(options.log, options.clock)
    this.#config = options.config
  }

  /** The topic's settings in force. */
  config(): TopicConfig {
    return this.#config
  }

  /** True while its log is being cut: nothing is appended. */
  isBusy(): boolean {
    return this.#isBusy
  }

  /** True once this broker no longer hosts it. */
  isDropped(): boolean {
    return this.#isDropped
  }

  /** True while its directory takes writes. */
  isWritable(): boolean {
    const state = this.log.home().state()
    return state === 'online' || state === 'low'
  }

  /** True while its directory has room for records of producers. */
  hasRoom(): boolean {
    const state = this.log.home().state()
    return state !== 'low' && state !== 'full'
  }

  /** What its log is to be run by. */
  policy(): LogPolicy {
    return logPolicy(this.#config)
  }

  /** Takes the topic's new settings; true when its log is to be run by them from now on. */
  configure(config: TopicConfig): boolean {
    const before = this.#policy
    this.#config = config
    this.#policy = logPolicy(config)
    return !isSamePolicy(before, this.#policy)
  }

  /** Takes an image's news, now or after the cut under way; true when the role or epoch changed now. */
  replay(news: PartitionNews): boolean {
    if (this.#isBusy) {
      this.#newsWaiting = news
      return false
    }
    return this.state.replay(news)
  }

  /** The partition leaves this broker. */
  drop(): void {
    this.#isDropped = true
    this.state.storageFailed()
  }

  /** Appends as leader of its epoch; the bytes are stamped. Resolves when the batch is durable. */
  async lead(bytes: Uint8Array, nowMs: number): Promise<Offset> {
    const leader = this.state.leader()
    assert(leader !== undefined && !this.#isBusy, 'an append without leadership')
    assert(this.producers.isCurrent(), 'an append by a leader that does not know the producers')
    const endBefore = this.log.endOffset()
    const durable = this.log.append(bytes)
    this.producers.appended(bytes)
    leader.appended(endBefore, nowMs)
    return durable
  }

  /** Appends what its leader sent. Resolves when it is durable. */
  async follow(bytes: Uint8Array): Promise<Offset> {
    assert(this.producers.isCurrent(), 'an append by a follower that does not know the producers')
    const durable = this.log.appendFetched(bytes)
    this.producers.appended(bytes)
    return durable
  }

  /** True while its log changes directories: for a moment nothing is appended. */
  isHeld(): boolean {
    return this.#isHeld
  }

  /** Runs work while nothing of the log is in flight and nothing is appended or cut. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    assert(!this.#isHeld, 'a log is held once at a time')
    this.#isHeld = true
    try {
      while (this.#isBusy || this.log.durableOffset() < this.log.endOffset())
        await sleep(this.#clock, restPauseMs)
      await this.#startRests()
      return await work()
    } finally {
      this.#isHeld = false
    }
  }

  /** Moves the start of its log; false when that cannot be now. Rejects with `StorageFault`. */
  async startAt(start: Offset): Promise<boolean> {
    if (this.#isBusy || this.#isHeld || this.#isDropped || !this.isWritable()) return false
    this.#startMoveCount += 1
    try {
      await this.log.startAt(start)
      return true
    } finally {
      this.#startMoveCount -= 1
    }
  }

  async #startRests(): Promise<void> {
    while (this.#startMoveCount > 0) await sleep(this.#clock, restPauseMs)
  }

  /** The epoch that this replica follows, if any and if nothing is in its way. */
  followedEpoch(): Epoch | undefined {
    const isInTheWay = this.#isBusy || this.#isHeld || this.#isDropped || !this.isWritable()
    return isInTheWay ? undefined : this.state.following()?.leaderEpoch
  }

  /** Where to cut a damaged log before its leader is asked again; undefined when that is not to be done. */
  rebuildsFrom(): Offset | undefined {
    const registration = this.state.registration()
    if (this.followedEpoch() === undefined || registration === undefined) return undefined
    const members = [...registration.isr, ...registration.elr]
    return members.includes(this.#localId) ? undefined : this.log.damagedFrom()
  }

  /** The position to fetch from; undefined while there is none. */
  position(): ReplicaPosition | undefined {
    const leaderEpoch = this.followedEpoch()
    if (leaderEpoch === undefined || this.rebuildsFrom() !== undefined) return undefined
    const { log, topicId, partition } = this
    const durableOffset = log.durableOffset()
    const lastFetchedEpoch = log.lastEpoch()
    return {
      topicId,
      partition,
      leaderEpoch,
      fetchOffset: log.endOffset(),
      ...(lastFetchedEpoch !== undefined && { lastFetchedEpoch }),
      durableOffset: offset(Math.min(durableOffset, log.damagedFrom() ?? durableOffset)),
      highWatermark: this.state.highWatermark(),
      logStartOffset: log.startOffset(),
    }
  }

  /** Cuts a follower's log, then replays the images that waited. */
  async cut(how: (log: PartitionLog) => Promise<void>): Promise<CutEnd> {
    assert(!this.#isBusy && this.state.leader() === undefined, 'a cut beside other work')
    this.#isBusy = true
    let failure: { readonly cause: unknown } | undefined
    try {
      try {
        await this.#startRests()
        await how(this.log)
      } finally {
        this.producers.invalidate()
      }
      await this.producers.load()
    } catch (cause) {
      failure = { cause }
    }
    this.#isBusy = false
    this.state.truncated()
    const news = this.#newsWaiting
    this.#newsWaiting = undefined
    const roleChanged = news !== undefined && this.state.replay(news)
    return { roleChanged, ...(failure !== undefined && { failure }) }
  }
}

/** What a topic's settings mean for its logs. */
export function logPolicy(config: TopicConfig): LogPolicy {
  return {
    flush: config.flush,
    segmentBytes: config['segment.bytes'],
    segmentMs: segmentMsOf(config),
    fileDeleteDelayMs: config['file.delete.delay.ms'],
  }
}

/** The active segment is never compacted: it must not stay so longer than records may wait for it. */
function segmentMsOf(config: TopicConfig): number {
  const segmentMs = config['segment.ms']
  const maxLagMs = config['max.compaction.lag.ms']
  return isCompacted(config) && maxLagMs > 0 ? Math.min(segmentMs, maxLagMs) : segmentMs
}

function isSamePolicy(left: LogPolicy | undefined, right: LogPolicy): boolean {
  return (
    left?.flush === right.flush &&
    left.segmentBytes === right.segmentBytes &&
    left.segmentMs === right.segmentMs &&
    left.fileDeleteDelayMs === right.fileDeleteDelayMs
  )
}
