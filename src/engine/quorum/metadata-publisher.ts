/**
 * The newest committed metadata image of this process, and who waits for the next. The loader is its
 * only writer; brokers, the controller and tools read it.
 */
import { type Offset } from '../../base/id.ts'
import { mergeDeltas, type MetadataDelta } from '../../core/metadata/delta/delta.ts'
import { emptyImage } from '../../core/metadata/image/empty.ts'
import { type MetadataImage } from '../../core/metadata/image/image.ts'
import { Bell } from '../runtime/bell.ts'

/** An image, and what changed since the one that its reader had. */
export interface Publication {
  readonly image: MetadataImage
  /** `reload`: too long ago to say; look at everything. */
  readonly delta: MetadataDelta | 'reload'
}

interface Step {
  readonly from: Offset
  readonly to: Offset
  readonly delta: MetadataDelta
}

/** Steps remembered for readers that lag; whoever lags more reloads. */
const stepCountMax = 256

/** Hands each image to whoever asks. */
export class MetadataPublisher {
  /** Rings after each publication. */
  readonly published = new Bell()
  #image: MetadataImage = emptyImage
  readonly #steps: Step[] = []

  /** The newest image. */
  current(): MetadataImage {
    return this.#image
  }

  /** The newest image once it is beyond `after`; undefined when `signal` aborts first. */
  async next(after: Offset, signal: AbortSignal): Promise<Publication | undefined> {
    const came = await this.published.until(() => this.#image.offset > after, { signal })
    return came ? { image: this.#image, delta: this.#deltaSince(after) } : undefined
  }

  /** For the loader: the image that follows the current one, and what it changed. */
  publish(image: MetadataImage, delta: MetadataDelta): void {
    this.#steps.push({ from: this.#image.offset, to: image.offset, delta })
    if (this.#steps.length > stepCountMax) this.#steps.shift()
    this.#image = image
    this.published.ring()
  }

  #deltaSince(after: Offset): MetadataDelta | 'reload' {
    const first = this.#steps.findIndex((step) => step.from === after)
    if (first < 0) return 'reload'
    return this.#steps
      .slice(first)
      .map((step) => step.delta)
      .reduce(mergeDeltas)
  }
}
