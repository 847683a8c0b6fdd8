/**
 * Which log directory of its broker a new replica goes to: the online one with the fewest replicas,
 * the first of them on a tie. Counted once from an image; what is placed since counts too, so that
 * one request spreads over the directories as many small ones would. Source: KIP-858.
 */
import { type DirectoryId, type NodeId } from '../../../base/id.ts'
import { type BrokerRegistration, type MetadataImage } from '../../metadata/image/image.ts'

/** Places replicas of one decision. */
export class DirectoryPlacement {
  readonly #image: MetadataImage
  #counts: Map<DirectoryId, number> | undefined

  constructor(image: MetadataImage) {
    this.#image = image
  }

  /** The directory for one more replica of a broker; undefined when none of its directories is online. */
  take(brokerId: NodeId): DirectoryId | undefined {
    const broker = this.#image.brokers.get(brokerId)
    return broker === undefined ? undefined : this.takeAmong(broker.directoryIds)
  }

  /** As `take`, among directories that the image may not know yet. */
  takeAmong(directoryIds: BrokerRegistration['directoryIds']): DirectoryId | undefined {
    const [first, ...others] = directoryIds
    if (first === undefined || others.length === 0) return first
    const counts = this.#counted()
    const countOf = (id: DirectoryId): number => counts.get(id) ?? 0
    const least = others.reduce((best, id) => (countOf(id) < countOf(best) ? id : best), first)
    counts.set(least, countOf(least) + 1)
    return least
  }

  /** Brokers with one directory never need the walk over all partitions. */
  #counted(): Map<DirectoryId, number> {
    if (this.#counts !== undefined) return this.#counts
    const counts = new Map<DirectoryId, number>()
    for (const { partitions } of this.#image.topics.values())
      for (const { directories } of partitions)
        for (const id of directories) counts.set(id, (counts.get(id) ?? 0) + 1)
    this.#counts = counts
    return counts
  }
}
