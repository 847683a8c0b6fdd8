/**
 * One partition on one broker: leader, follower or idle, as the committed metadata says. The engine
 * feeds it images, fetches, answers and failures, synchronously; it decides who may append, what may
 * be read, and which error a stranger gets. One object lives as long as its log is open.
 *
 * Invariants:
 * - It leads an epoch only if the image shows this incarnation's registration, and never an epoch in
 *   which a write failed or that an earlier incarnation may have led (rule 22 of the storage rules).
 * - Leader epoch and partition epoch never decrease.
 * - The high watermark decreases only by a truncation below it, and is at least the log's start.
 */
import { assert } from '../../base/assert.ts'
import { offset, type Epoch, type NodeId, type Offset } from '../../base/id.ts'
import { type PartitionRegistration } from '../metadata/image/image.ts'
import { Leader } from './leader.ts'
import { type LogView } from './log-view.ts'

/** Who this replica follows. */
export interface Following {
  readonly leaderId: NodeId
  readonly leaderEpoch: Epoch
}

/** What an image says of the partition, and whether this broker may lead at all. */
export interface PartitionNews {
  readonly registration: PartitionRegistration
  readonly minIsrCount: number
  /** The image holds the registration of this very incarnation, and it is not fenced. */
  readonly mayLead: boolean
  readonly nowMs: number
}

/** Whether a client's idea of the leader is right. */
export type EpochVerdict =
  'right' | 'NOT_LEADER_OR_FOLLOWER' | 'FENCED_LEADER_EPOCH' | 'UNKNOWN_LEADER_EPOCH'

/** The replication state of one partition here. */
export class Partition {
  readonly #localId: NodeId
  readonly #log: LogView
  #registration: PartitionRegistration | undefined
  #leader: Leader | undefined
  #following: Following | undefined
  #highWatermark: Offset
  /** The greatest leader epoch under which this log must not be appended to as leader. */
  #spentEpoch = -1

  constructor(options: { readonly localId: NodeId; readonly log: LogView }) {
    this.#localId = options.localId
    this.#log = options.log
    this.#highWatermark = options.log.startOffset()
  }

  /** The leader's state while this broker leads. */
  leader(): Leader | undefined {
    return this.#leader
  }

  /** Whom this replica follows, if anybody. */
  following(): Following | undefined {
    return this.#following
  }

  /** The newest committed state, if any arrived. */
  registration(): PartitionRegistration | undefined {
    return this.#registration
  }

  /** Below it records may be read by clients. */
  highWatermark(): Offset {
    return this.#leader?.highWatermark() ?? this.#highWatermark
  }

  /** Takes the newest committed state; true when the role or the leader epoch changed. */
  replay(news: PartitionNews): boolean {
    const { registration } = news
    const before = this.#registration
    assert(
      before === undefined ||
        (registration.partitionEpoch >= before.partitionEpoch &&
          registration.leaderEpoch >= before.leaderEpoch),
      'the metadata of a partition went back',
    )
    this.#registration = registration
    const isLed = registration.leader === this.#localId
    if (isLed && !news.mayLead) this.#spend(registration.leaderEpoch)
    const leads = isLed && registration.leaderEpoch > this.#spentEpoch
    if (leads && this.#leader !== undefined && this.#leadsEpoch(registration.leaderEpoch)) {
      this.#leader.replay(registration, news.minIsrCount, news.nowMs)
      return false
    }
    const wasSame = !leads && this.#leader === undefined && this.#follows(registration)
    this.#endLeadership()
    if (leads) this.#lead(news)
    else this.#following = followingOf(registration, this.#localId)
    return !wasSame
  }

  /** A write of this log failed or may have failed: whatever epoch it leads ends here; true when it led. */
  storageFailed(): boolean {
    const epoch = this.#registration?.leaderEpoch
    if (epoch !== undefined && this.#registration?.leader === this.#localId) this.#spend(epoch)
    if (this.#leader === undefined) return false
    this.#endLeadership()
    return true
  }

  /** Whether the epoch that a client names is the one led here; absent is not checked. */
  checkEpoch(leaderEpoch: Epoch | undefined): EpochVerdict {
    const known = this.#registration?.leaderEpoch
    if (leaderEpoch !== undefined && known !== undefined) {
      if (leaderEpoch < known) return 'FENCED_LEADER_EPOCH'
      if (leaderEpoch > known) return 'UNKNOWN_LEADER_EPOCH'
    }
    return this.#leader === undefined ? 'NOT_LEADER_OR_FOLLOWER' : 'right'
  }

  /** A follower's news of its leader's high watermark, after what came with it was appended; true when it moved. */
  leaderToldHighWatermark(highWatermark: Offset): boolean {
    if (this.#leader !== undefined) return false
    const known = offset(Math.min(highWatermark, this.#log.endOffset()))
    if (known <= this.#highWatermark) return false
    this.#highWatermark = known
    return true
  }

  /** After a truncation: the high watermark stays inside the log. */
  truncated(): void {
    assert(this.#leader === undefined, 'a leader truncated its log')
    const inside = Math.min(this.#highWatermark, this.#log.endOffset())
    this.#highWatermark = offset(Math.max(inside, this.#log.startOffset()))
  }

  #leadsEpoch(epoch: Epoch): boolean {
    return this.#leader?.registration().leaderEpoch === epoch
  }

  #follows(registration: PartitionRegistration): boolean {
    const next = followingOf(registration, this.#localId)
    return (
      next?.leaderId === this.#following?.leaderId &&
      next?.leaderEpoch === this.#following?.leaderEpoch
    )
  }

  #lead(news: PartitionNews): void {
    this.#following = undefined
    this.#leader = new Leader({
      localId: this.#localId,
      log: this.#log,
      registration: news.registration,
      minIsrCount: news.minIsrCount,
      highWatermark: this.#highWatermark,
      nowMs: news.nowMs,
    })
  }

  #endLeadership(): void {
    if (this.#leader === undefined) return
    this.#highWatermark = this.#leader.highWatermark()
    this.#leader = undefined
  }

  #spend(epoch: Epoch): void {
    this.#spentEpoch = Math.max(this.#spentEpoch, epoch)
  }
}

function followingOf(registration: PartitionRegistration, localId: NodeId): Following | undefined {
  const { leader: leaderId, leaderEpoch, replicas } = registration
  if (leaderId === undefined || leaderId === localId || !replicas.includes(localId))
    return undefined
  return { leaderId, leaderEpoch }
}
