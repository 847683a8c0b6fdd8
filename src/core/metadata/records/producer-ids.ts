/** What the log says of producer ids. Source: KIP-730. */
import { type BrokerEpoch, type NodeId } from '../../../base/id.ts'
import { readBrokerEpoch, readNodeId, readProducerId, type RecordCodec } from './fields.ts'

/** A block of ids was given to a broker. */
export interface ProducerIdsRecord {
  readonly type: 'producer-ids'
  readonly brokerId: NodeId
  readonly brokerEpoch: BrokerEpoch
  /** The first id of the next block. */
  readonly nextProducerId: number
}

/** Bytes of ProducerIds. */
export const producerIdsCodec: RecordCodec<ProducerIdsRecord> = {
  type: 'producer-ids',
  number: 15,
  version: 1,
  write(writer, record) {
    writer.varint(record.brokerId).int64(record.brokerEpoch).int64(record.nextProducerId)
  },
  read: (reader) => ({
    type: 'producer-ids',
    brokerId: readNodeId(reader),
    brokerEpoch: readBrokerEpoch(reader),
    nextProducerId: readProducerId(reader),
  }),
}
