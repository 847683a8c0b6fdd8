/** The name under which storage keeps the metadata log. */
import { partitionIndex, topicId } from '../../base/id.ts'

/** Topic id of the metadata log (Kafka's own for `__cluster_metadata`). */
export const metadataTopicId = topicId('AAAAAAAAAAAAAAAAAAAAAQ')

/** Its one partition. */
export const metadataPartition = partitionIndex(0)
