/** InitProducerId: an id that nobody has, or the next epoch of one (KIP-360), as long as there is one. */
import { type Outcome } from '../../../core/api/error-code.ts'
import {
  producerEpochMax,
  type InitProducerIdRequest,
  type InitProducerIdResponse,
} from '../../../core/api/producer-ids.ts'
import { type RequestContext } from '../../../core/api/request-context.ts'
import { type BrokerParts } from '../broker-parts.ts'

/** Answers an init-producer-id. */
export async function initProducerId(
  parts: BrokerParts,
  { current }: InitProducerIdRequest,
  context: RequestContext,
): Promise<Outcome<InitProducerIdResponse>> {
  if (current !== undefined && current.producerEpoch < producerEpochMax) {
    const { producerId, producerEpoch } = current
    return { ok: true, value: { producerId, producerEpoch: producerEpoch + 1 } }
  }
  const taken = await parts.producerIds.take(context)
  return taken.ok ? { ok: true, value: { producerId: taken.value, producerEpoch: 0 } } : taken
}
