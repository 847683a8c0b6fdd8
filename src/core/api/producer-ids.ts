/** Ids of idempotent producers: a client asks any broker, a broker takes blocks from the controller. Sources: KIP-98, KIP-360, KIP-730. */
import { type BrokerEpoch, type NodeId } from '../../base/id.ts'

/** A producer as its batches name it. */
export interface ProducerIdentity {
  readonly producerId: number
  /** Grows when the producer starts its sequences anew. */
  readonly producerEpoch: number
}

/** Epochs of one id; behind the greatest, a producer gets a new id. */
export const producerEpochMax = 32_767

/** Without `current` a new producer begins; with it, the producer goes on under the next epoch. */
export interface InitProducerIdRequest {
  readonly current?: ProducerIdentity
}

/** Nobody else has this id, now or later. */
export type InitProducerIdResponse = ProducerIdentity

/** A broker asks for a block of its own. */
export interface AllocateProducerIdsRequest {
  readonly brokerId: NodeId
  readonly brokerEpoch: BrokerEpoch
}

/** Ids from `firstProducerId` on. */
export interface AllocateProducerIdsResponse {
  readonly firstProducerId: number
  readonly producerIdCount: number
}
