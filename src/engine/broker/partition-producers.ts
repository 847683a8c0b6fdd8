/**
 * The idempotent producers of one hosted partition: the state of `core/replica`, kept at the end of
 * the log. It is replayed with every append; after a restart or a cut it is brought back from the
 * newest snapshot and the headers of the batches behind it.
 *
 * Invariant: while it is not at the log's end (`isCurrent`), nothing is appended: a leader refuses,
 * a follower fetches again.
 */
import { type Offset } from '../../base/id.ts'
import { decodeProducers, encodeProducers } from '../../core/replica/producer-snapshot.ts'
import {
  ProducerState,
  type ClaimVerdict,
  type ProducerClaim,
} from '../../core/replica/producer-state.ts'
import { type Clock } from '../ports/clock.ts'
import { StorageFault } from '../ports/fault.ts'
import { type PartitionLog } from '../storage/partition-log.ts'

/** Appended bytes after which a snapshot is due: what is read again after a crash. */
const snapshotAfterBytes = 8 * 1024 * 1024
/** Between, a snapshot is taken once so many times its own bytes were appended: it costs a quarter of them at most. */
const worthFactor = 4
const readBytesMax = 1024 * 1024
const loadTryCountMax = 10

/** The producers of one partition. */
export class PartitionProducers {
  readonly #log: PartitionLog
  readonly #clock: Clock
  #state: ProducerState | undefined
  #loading: Promise<void> | undefined
  #generation = 0
  #savedEnd: Offset | undefined
  #savedBytes = 0
  #unsavedBytes = 0

  constructor(log: PartitionLog, clock: Clock) {
    this.#log = log
    this.#clock = clock
    const state = this.#newestState()
    if (state.endOffset() === log.endOffset()) this.#state = state
  }

  /** True while it knows all that the log holds. */
  isCurrent(): boolean {
    return this.#state?.endOffset() === this.#log.endOffset()
  }

  /** Where the last batch of each producer ends; only while it is current. */
  ends(): ReadonlyMap<number, Offset> {
    return this.#state?.ends() ?? new Map()
  }

  /** What to do with a claim; only while it is current. */
  check(claim: ProducerClaim): ClaimVerdict {
    const verdict = this.#state?.check(claim)
    if (verdict !== undefined) return verdict
    return { type: 'refuse', code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', message: 'nothing is known' }
  }

  /** The log took a run at its end. */
  appended(bytes: Uint8Array): void {
    this.#state?.replayRun(bytes, this.#clock.nowMs())
    this.#unsavedBytes += bytes.length
    if (this.#unsavedBytes >= snapshotAfterBytes) this.save()
  }

  /** The log was cut: what is known is of another one. */
  invalidate(): void {
    this.#generation += 1
    this.#state = undefined
  }

  /** Becomes current. Rejects with `StorageFault` when the log cannot be read. */
  async load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    await this.#loading
  }

  /** As `save`, when enough was appended since the last one: with very many producers it is large. */
  saveIfWorth(): void {
    if (this.#unsavedBytes >= worthFactor * this.#savedBytes) this.save()
  }

  /** Hands a snapshot to the log, unless it has this one. */
  save(): void {
    const epoch = this.#log.lastEpoch()
    const endOffset = this.#log.endOffset()
    const state = this.#state
    if (state?.endOffset() !== endOffset || epoch === undefined) return
    if (this.#savedEnd === endOffset) return
    this.#savedEnd = endOffset
    this.#unsavedBytes = 0
    const bytes = encodeProducers(state, this.#clock.nowMs())
    this.#savedBytes = bytes.length
    this.#log.saveProducers({ endOffset, epoch, bytes })
  }

  /** Forgets producers that wrote nothing for so long. */
  expire(idleMsMax: number): void {
    this.#state?.expire(this.#clock.nowMs(), idleMsMax)
  }

  /** A log that is cut again and again ends the tries; whoever wants to append next begins anew. */
  async #load(): Promise<void> {
    for (let tryCount = 0; tryCount < loadTryCountMax && !this.isCurrent(); tryCount++) {
      this.#state = undefined
      const generation = this.#generation
      const state = this.#newestState()
      let hasMore = true
      while (hasMore && state.endOffset() < this.#log.endOffset())
        hasMore = await this.#replaySome(state)
      if (generation === this.#generation) this.#state = state
    }
  }

  /** The newest snapshot, or what is known where the log starts. */
  #newestState(): ProducerState {
    const snapshot = this.#log.producersSnapshot()
    const start = this.#log.startOffset()
    if (snapshot === undefined) return new ProducerState(start, start > 0)
    const at = { endOffset: snapshot.endOffset, nowMs: this.#clock.nowMs() }
    return decodeProducers(snapshot.bytes, at) ?? new ProducerState(start, start > 0)
  }

  /** False when there is nothing where the log was a moment ago. */
  async #replaySome(state: ProducerState): Promise<boolean> {
    const from = state.endOffset()
    try {
      const { slices } = await this.#log.read({ from, bytesMax: readBytesMax })
      for (const slice of slices) state.replayRun(slice, this.#clock.nowMs())
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      // The range fails by name for readers; writers go on without it.
      if (cause.code === 'corrupt') state.skipTo(this.#log.endOffset())
      else if (cause.code !== 'not-found') throw cause
    }
    return state.endOffset() > from
  }
}
