/**
 * A metadata log of one voter in memory: commits each batch one virtual millisecond after its
 * append, unless the test holds commits back or takes the leadership away. It goes through the
 * record bytes, as the real one does.
 */
import { epoch, nodeId, offset, type Epoch, type Offset } from '../../../../src/base/id.ts'
import { applyRecords } from '../../../../src/core/metadata/delta/apply.ts'
import { decodeRecord } from '../../../../src/core/metadata/record-codec.ts'
import { type MetadataRecord } from '../../../../src/core/metadata/records/record.ts'
import { type ControllerLog } from '../../../../src/engine/controller/controller-log.ts'
import { type Clock } from '../../../../src/engine/ports/clock.ts'
import { type MetadataPublisher } from '../../../../src/engine/quorum/metadata-publisher.ts'
import { Bell } from '../../../../src/engine/runtime/bell.ts'

interface Pending {
  readonly baseOffset: Offset
  readonly records: readonly MetadataRecord[]
  readonly settle: (isCommitted: boolean) => void
}

/** The log. */
export class SoloLog implements ControllerLog {
  readonly leadershipChanged = new Bell()
  /** Batches are appended but not committed. */
  isHeld = false
  /** Appends are refused though it leads, as with a full queue. */
  isFull = false
  readonly batches: (readonly MetadataRecord[])[] = []
  readonly #clock: Clock
  readonly #publisher: MetadataPublisher
  #epoch = epoch(0)
  #since: Offset | undefined
  #end = offset(0)
  #pending: Pending[] = []

  constructor(clock: Clock, publisher: MetadataPublisher) {
    this.#clock = clock
    this.#publisher = publisher
  }

  readonly leadership = (): ReturnType<ControllerLog['leadership']> =>
    this.#since === undefined
      ? { epoch: this.#epoch, isLeader: false }
      : { epoch: this.#epoch, leaderId: nodeId(1), isLeader: true }

  readonly activeSince = (): ReturnType<ControllerLog['activeSince']> =>
    this.#since === undefined ? undefined : { epoch: this.#epoch, offset: this.#since }

  readonly resign = async (): Promise<void> => {
    this.lose()
    return Promise.resolve()
  }

  readonly propose: ControllerLog['propose'] = (batch) => {
    if (this.#since === undefined || batch.epoch !== this.#epoch || this.isFull) return undefined
    const records = batch.records.map((bytes) => {
      const decoded = decodeRecord(bytes)
      if (!decoded.ok) throw new Error(decoded.message)
      return decoded.record
    })
    const baseOffset = this.#end
    this.#end = offset(baseOffset + records.length)
    const committed = new Promise<boolean>((resolve) => {
      this.#pending.push({ baseOffset, records, settle: resolve })
    })
    this.#clock.after(1, () => {
      this.commit()
    })
    return { baseOffset, committed }
  }

  /** Becomes leader of the next epoch; its LeaderChange is committed at once. */
  lead(): void {
    this.#epoch = epoch(this.#epoch + 1)
    this.#end = offset(this.#end + 1)
    this.#since = this.#end
    this.#publish([], this.#end, this.#epoch)
    this.leadershipChanged.ring()
  }

  /** Loses leadership; what was not committed is cut off. */
  lose(): void {
    this.#since = undefined
    const lost = this.#pending
    this.#pending = []
    this.#end = this.#publisher.current().offset
    for (const { settle } of lost) settle(false)
    this.leadershipChanged.ring()
  }

  /** The store fails under what is appended, though nobody has taken the leadership away yet. */
  fail(): void {
    const lost = this.#pending
    this.#pending = []
    for (const { settle } of lost) settle(false)
  }

  /** Commits what is appended, unless commits are held. */
  commit(): void {
    if (this.isHeld) return
    const ready = this.#pending
    this.#pending = []
    for (const { baseOffset, records, settle } of ready) {
      this.batches.push(records)
      this.#publish(records, baseOffset, this.#epoch)
      settle(true)
    }
  }

  #publish(records: readonly MetadataRecord[], at: Offset, inEpoch: Epoch): void {
    const image = this.#publisher.current()
    const applied = applyRecords(image, records, { offset: at, epoch: inEpoch })
    this.#publisher.publish(applied.image, applied.delta)
  }
}
