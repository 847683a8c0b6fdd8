/**
 * The batches that this leader appended and does not know the fate of yet. A batch is committed when
 * the high watermark passes it under the leadership that appended it; when that ends first, its fate
 * is unknown: another leader may commit it or not.
 */
import { type Epoch, type Offset } from '../../base/id.ts'

/** What a proposal became. */
export interface Proposed {
  /** Offset of its first record. */
  readonly baseOffset: Offset
  /** True when committed; false when its fate is unknown: this node lost its leadership or its store. */
  readonly committed: Promise<boolean>
}

interface Open {
  readonly epoch: Epoch
  readonly endOffset: Offset
  readonly bytes: number
  readonly resolve: (isCommitted: boolean) => void
}

const bytesMax = 16 * 1024 * 1024

/** Open proposals, in order of their offsets. */
export class ProposalLedger {
  #open: Open[] = []
  #bytes = 0

  /** Whether another one may be added. */
  hasRoom(): boolean {
    return this.#bytes < bytesMax
  }

  /** Adds one; resolves when its fate is known, or cannot be known. */
  async add(batch: {
    readonly epoch: Epoch
    readonly endOffset: Offset
    readonly bytes: number
  }): Promise<boolean> {
    return new Promise((resolve) => {
      this.#open.push({ ...batch, resolve })
      this.#bytes += batch.bytes
    })
  }

  /** Looks at all of them after something changed. */
  settle(highWatermark: Offset, leads: (epoch: Epoch) => boolean): void {
    for (let first = this.#open[0]; first !== undefined; first = this.#open[0]) {
      const isLed = leads(first.epoch)
      if (isLed && first.endOffset > highWatermark) return
      this.#open.shift()
      this.#bytes -= first.bytes
      first.resolve(isLed)
    }
  }

  /** None of their fates can be known here any more. */
  abandon(): void {
    for (const { resolve } of this.#open) resolve(false)
    this.#open = []
    this.#bytes = 0
  }
}
