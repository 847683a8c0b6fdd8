/** A metadata image as text that is equal for equal images, whatever their history. */
import { type PersistentMap } from '../../base/persistent-map.ts'
import { type MetadataImage } from '../../core/metadata/image/image.ts'

/** All of an image but its offset, keys in order. */
export function imageText(image: MetadataImage): string {
  return JSON.stringify([
    image.epoch,
    sorted(image.brokers),
    sorted(image.topics),
    sorted(image.topicIds),
    sorted(image.configs),
    sorted(image.features),
    image.nextProducerId,
  ])
}

function sorted<K extends string | number, V>(map: PersistentMap<K, V>): readonly unknown[] {
  return [...map.entries()]
    .map(([key, value]) => [String(key), ordered(value)] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1))
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(ordered)
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, field]) => [key, ordered(field)])
}
