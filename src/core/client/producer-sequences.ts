/**
 * How an idempotent producer numbers the records of one partition: id, epoch, and a sequence that
 * counts from 0 in each epoch. An epoch ends when the broker lacks a record that was numbered: what
 * follows starts anew under the next one (KIP-360), in this partition alone, since brokers compare
 * epochs partition by partition and nobody else has the id.
 */
import { producerEpochMax } from '../api/producer-ids.ts'
import { type BatchHeader } from '../record/batch-header.ts'
import { sequencePlus } from '../record/sequence.ts'

/** The id that the partitions of one producer take, as soon as there is one. */
export interface SharedProducerId {
  producerId: number | undefined
}

/** How many records of the epoch were numbered before: sequences that do not wrap. */
export type SequencePosition = number

/** A batch's place in the producer's order. */
export interface Numbered {
  readonly position: SequencePosition
  readonly producer: NonNullable<BatchHeader['producer']>
}

/** Numbers one partition's batches. */
export class ProducerSequences {
  readonly #shared: SharedProducerId
  #producerId: number | undefined
  #epoch = 0
  #next: SequencePosition = 0
  #isKnown = false

  constructor(shared: SharedProducerId) {
    this.#shared = shared
  }

  /** Whether the broker has acknowledged something of this epoch: until then it may take a later batch for the first. */
  get isKnown(): boolean {
    return this.#isKnown
  }

  /** The broker has acknowledged a batch of this epoch. */
  acknowledged(): void {
    this.#isKnown = true
  }

  /** Numbers the next batch; undefined while there is no id. */
  number(recordCount: number): Numbered | undefined {
    const id = (this.#producerId ??= this.#shared.producerId)
    if (id === undefined) return undefined
    const position = this.#next
    this.#next += recordCount
    return numberedAt(position, { id, epoch: this.#epoch })
  }

  /** Ends the epoch. */
  startAnew(): void {
    this.#epoch += 1
    this.#next = 0
    this.#isKnown = false
    if (this.#epoch <= producerEpochMax) return
    this.#epoch = 0
    if (this.#shared.producerId === this.#producerId) this.#shared.producerId = undefined
    this.#producerId = undefined
  }
}

/** The batch that begins `recordCount` records after another of its epoch. */
export function numberedAfter({ position, producer }: Numbered, recordCount: number): Numbered {
  return numberedAt(position + recordCount, producer)
}

function numberedAt(
  position: SequencePosition,
  { id, epoch }: { readonly id: number; readonly epoch: number },
): Numbered {
  return { position, producer: { id, epoch, baseSequence: sequencePlus(0, position) } }
}
