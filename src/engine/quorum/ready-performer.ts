/**
 * Performs what the core wants done, in its order: election state saved, log changed, and only then
 * answers and requests. Appends are begun, not waited for: the core hears of them by `synced`, in
 * order, and counts them only then. A truncation is waited for, and waits for the appends before it.
 */
import { assert, present, unreachable } from '../../base/assert.ts'
import { type Offset } from '../../base/id.ts'
import {
  type LogOperation,
  type RaftAnswer,
  type RaftSend,
  type Ready,
} from '../../core/raft/ready.ts'
import { encodeBatch } from '../../core/record/batch-writer.ts'
import { encodeControlRecord } from '../../core/record/control-record.ts'
import { type Clock } from '../ports/clock.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type ElectionStore } from '../storage/election-store.ts'
import { type PartitionLog } from '../storage/partition-log.ts'

/** What the performer works on and whom it tells. */
export interface PerformerParts {
  readonly clock: Clock
  readonly election: ElectionStore
  readonly log: PartitionLog
  readonly lifecycle: Lifecycle
  /** The log operation with this number and all before it are durable. */
  readonly onSynced: (number: number) => void
  /** The store failed. */
  readonly onFault: (cause: unknown) => void
  readonly onAnswer: (answer: RaftAnswer) => void
  readonly onSend: (send: RaftSend) => void
}

/** Performs one `Ready` after the other. */
export class ReadyPerformer {
  readonly #parts: PerformerParts
  readonly #pieces = new Map<number, readonly Uint8Array[]>()
  #appended: Promise<void> = Promise.resolve()
  #hasFailed = false

  constructor(parts: PerformerParts) {
    this.#parts = parts
  }

  /** Keeps the bytes of an append until its turn comes. */
  keep(number: number, pieces: readonly Uint8Array[]): void {
    this.#pieces.set(number, pieces)
  }

  /** After this nothing is written any more; answers and requests still leave. */
  stopWriting(): void {
    this.#hasFailed = true
    this.#pieces.clear()
  }

  /** Rejects with the fault of the store; what follows in `ready` has not been done then. */
  async perform(ready: Ready): Promise<void> {
    if (!this.#hasFailed) {
      if (ready.save !== undefined) await this.#parts.election.save(ready.save)
      for (const operation of ready.log) await this.#change(operation)
    }
    for (const answer of ready.answers) this.#parts.onAnswer(answer)
    for (const send of ready.sends) this.#parts.onSend(send)
  }

  async #change(operation: LogOperation): Promise<void> {
    if (this.#hasFailed) return
    const { log, onSynced } = this.#parts
    if (operation.type === 'truncate') {
      await this.#appended
      await log.truncateTo(operation.endOffset)
      this.#mustEndAt(operation.endOffset)
      onSynced(operation.number)
      return
    }
    const pieces = this.#bytesOf(operation)
    this.#mustEndAt(operation.baseOffset)
    this.#append(operation.number, pieces)
  }

  #mustEndAt(offset: Offset): void {
    const end = this.#parts.log.endOffset()
    assert(end === offset, `the metadata log ends at ${end}, the quorum thinks ${offset}`)
  }

  #append(number: number, pieces: readonly Uint8Array[]): void {
    const { log, lifecycle, onSynced, onFault } = this.#parts
    const before = this.#appended
    const appends = pieces.map(async (piece) => log.append(piece))
    const written = Promise.all(appends)
    this.#appended = (async () => {
      await before
      try {
        await written
      } catch (cause) {
        onFault(cause)
        return
      }
      if (!this.#hasFailed) onSynced(number)
    })()
    const ours = this.#appended
    lifecycle.spawn('quorum-append', async () => ours)
  }

  #bytesOf(operation: Exclude<LogOperation, { type: 'truncate' }>): readonly Uint8Array[] {
    switch (operation.type) {
      case 'append-leader-change': {
        const { leaderId, voters, grantingVoters, baseOffset, epoch } = operation
        const record = encodeControlRecord(
          { type: 'leader-change', leaderId, voters, grantingVoters },
          this.#parts.clock.wallMs(),
        )
        const records = [record]
        return [encodeBatch({ records, baseOffset, leaderEpoch: epoch, isControl: true })]
      }
      case 'append-proposal':
      case 'append-fetched': {
        const pieces = present(this.#pieces.get(operation.number), 'the bytes of an append')
        this.#pieces.delete(operation.number)
        return pieces
      }
      default:
        return unreachable(operation)
    }
  }
}
