/** Every record of the metadata log; the quorum's own control records live in `core/record`. */
import { type BrokerRegistrationChangeRecord, type RegisterBrokerRecord } from './broker.ts'
import { type ConfigRecord, type FeatureLevelRecord, type NoOpRecord } from './config.ts'
import { type PartitionChangeRecord, type PartitionRecord } from './partition.ts'
import { type ProducerIdsRecord } from './producer-ids.ts'
import { type RemoveTopicRecord, type TopicRecord } from './topic.ts'

/** One change of the cluster's metadata. */
export type MetadataRecord =
  | RegisterBrokerRecord
  | BrokerRegistrationChangeRecord
  | TopicRecord
  | PartitionRecord
  | PartitionChangeRecord
  | RemoveTopicRecord
  | ConfigRecord
  | FeatureLevelRecord
  | ProducerIdsRecord
  | NoOpRecord
