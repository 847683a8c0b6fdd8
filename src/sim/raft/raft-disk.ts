/**
 * The disk of one simulated quorum node: election state, log and commit mark, each with what is
 * durable and what is still under way. A crash keeps some prefix of what was under way, and of the
 * last write of several batches some of them.
 */
import { type Epoch, type Offset } from '../../base/id.ts'
import { type Random } from '../../base/random.ts'
import { type ElectionState } from '../../core/raft/election-state.ts'
import { type VoterSet } from '../../core/raft/voter-set.ts'

/** One batch of the simulated log. */
export interface SimBatch {
  readonly baseOffset: Offset
  readonly endOffset: Offset
  readonly epoch: Epoch
  /** Stands for its bytes. */
  readonly id: number
  /** Hash of this batch and all before it. */
  readonly chain: number
  readonly voters?: VoterSet
}

type Write =
  | { readonly type: 'append'; readonly number: number; readonly batches: readonly SimBatch[] }
  | { readonly type: 'truncate'; readonly number: number; readonly endOffset: Offset }

/** What a disk says was answered for. */
export interface SimMark {
  readonly epoch: Epoch
  readonly endOffset: Offset
}

/** One node's disk. */
export class RaftDisk {
  #election: ElectionState | undefined
  #savingElection: ElectionState | undefined
  #durable: SimBatch[]
  #volatile: SimBatch[]
  #writes: Write[] = []
  #mark: SimMark | undefined

  constructor(first: readonly SimBatch[]) {
    this.#durable = [...first]
    this.#volatile = [...first]
  }

  election(): ElectionState | undefined {
    return this.#election
  }

  mark(): SimMark | undefined {
    return this.#mark
  }

  /** The log as the process sees it, writes under way included. */
  log(): readonly SimBatch[] {
    return this.#volatile
  }

  /** The log as a power loss would leave it at least. */
  durable(): readonly SimBatch[] {
    return this.#durable
  }

  beginSave(state: ElectionState): void {
    this.#savingElection = state
  }

  endSave(): void {
    this.#election = this.#savingElection
    this.#savingElection = undefined
  }

  append(number: number, batches: readonly SimBatch[]): void {
    this.#volatile.push(...batches)
    this.#writes.push({ type: 'append', number, batches })
  }

  truncate(number: number, endOffset: Offset): void {
    this.#volatile = this.#volatile.filter((batch) => batch.endOffset <= endOffset)
    this.#writes.push({ type: 'truncate', number, endOffset })
  }

  /** Writes up to this number become durable, in order. */
  sync(number: number): void {
    for (;;) {
      const write = this.#writes[0]
      if (write === undefined || write.number > number) return
      this.#writes.shift()
      this.#apply(write)
    }
  }

  /** Power loss: what was under way is there in part. */
  crash(random: Random): void {
    if (this.#savingElection !== undefined && random.chance(0.5)) this.endSave()
    this.#savingElection = undefined
    const kept = random.below(this.#writes.length + 1)
    const cut = this.#writes[kept]
    for (const write of this.#writes.slice(0, kept)) this.#apply(write)
    if (cut?.type === 'append') {
      const whole = random.below(cut.batches.length + 1)
      this.#durable.push(...cut.batches.slice(0, whole))
    }
    this.#writes = []
    this.#volatile = [...this.#durable]
  }

  /** A broken disk: batches that were synced are gone; the mark still says that they were there. */
  loseSynced(random: Random): void {
    const kept = 1 + random.below(this.#durable.length)
    this.#durable = this.#durable.slice(0, kept)
    this.#volatile = [...this.#durable]
  }

  /** The mark rises with every write, and sinks only with a truncation of a log that was as long as it. */
  #apply(write: Write): void {
    const wasShort = isBelow(endOf(this.#durable), this.#mark)
    if (write.type === 'truncate') {
      this.#durable = this.#durable.filter((batch) => batch.endOffset <= write.endOffset)
    } else {
      this.#durable.push(...write.batches)
    }
    const end = endOf(this.#durable)
    const sinks = write.type === 'truncate' && !wasShort
    if (sinks || isBelow(this.#mark, end)) this.#mark = end
  }
}

function endOf(batches: readonly SimBatch[]): SimMark | undefined {
  const last = batches.at(-1)
  return last && { epoch: last.epoch, endOffset: last.endOffset }
}

function isBelow(left: SimMark | undefined, right: SimMark | undefined): boolean {
  if (left === undefined || right === undefined) return right !== undefined
  return (
    left.epoch < right.epoch || (left.epoch === right.epoch && left.endOffset < right.endOffset)
  )
}
