/** Walks over all partitions of an image. A full walk is a few milliseconds at 100 000 partitions. */
import { partitionIndex } from '../../../base/id.ts'
import {
  type MetadataImage,
  type PartitionRegistration,
  type TopicImage,
} from '../../metadata/image/image.ts'
import { type PartitionPlace } from './eligibility.ts'

/** The places of all partitions that match, in the order of the image. */
export function partitionsWhere(
  image: MetadataImage,
  matches: (partition: PartitionRegistration, topic: TopicImage) => boolean,
): readonly PartitionPlace[] {
  const places: PartitionPlace[] = []
  for (const topic of image.topics.values()) {
    topic.partitions.forEach((partition, index) => {
      if (matches(partition, topic)) places.push({ topic, partition: partitionIndex(index) })
    })
  }
  return places
}
