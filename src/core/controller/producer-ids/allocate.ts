/** Gives a broker a block of producer ids; nobody ever gets one of them again. Source: KIP-730. */
import { refuse } from '../../api/error-code.ts'
import {
  type AllocateProducerIdsRequest,
  type AllocateProducerIdsResponse,
} from '../../api/producer-ids.ts'
import { type ClusterView, type Decision, decided } from '../decision.ts'

/** What is lost when a broker restarts, and how many clients it serves between two requests. */
const producerIdCount = 1000

/** The next block, for a broker of the present registration. */
export function decideAllocateProducerIds(
  { image }: ClusterView,
  { brokerId, brokerEpoch }: AllocateProducerIdsRequest,
): Decision<AllocateProducerIdsResponse> {
  const broker = image.brokers.get(brokerId)
  if (broker === undefined)
    return refuse('BROKER_ID_NOT_REGISTERED', `Broker ${brokerId} is not registered.`)
  if (broker.epoch !== brokerEpoch)
    return refuse(
      'STALE_BROKER_EPOCH',
      `Broker ${brokerId} is at epoch ${broker.epoch}, not ${brokerEpoch}.`,
    )
  const firstProducerId = image.nextProducerId
  const nextProducerId = firstProducerId + producerIdCount
  return decided([{ type: 'producer-ids', brokerId, brokerEpoch, nextProducerId }], {
    firstProducerId,
    producerIdCount,
  })
}
