/** Where every metadata log starts. */
import { PersistentMap } from '../../../base/persistent-map.ts'
import { epoch, offset } from '../../../base/id.ts'
import { type MetadataImage } from './image.ts'

/** The image of a log without records. */
export const emptyImage: MetadataImage = {
  offset: offset(0),
  epoch: epoch(0),
  brokers: PersistentMap.empty(),
  topics: PersistentMap.empty(),
  topicIds: PersistentMap.empty(),
  configs: PersistentMap.empty(),
  features: PersistentMap.empty(),
  nextProducerId: 0,
}
