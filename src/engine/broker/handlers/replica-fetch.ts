/** Replica fetch: honoured only from the newest registration of a broker, over a channel that introduced it. */
import { refuse, type Outcome } from '../../../core/api/error-code.ts'
import {
  type ReplicaFetchRequest,
  type ReplicaFetchResponse,
} from '../../../core/api/replica-fetch.ts'
import { type RequestContext } from '../../../core/api/request-context.ts'
import { type BrokerParts } from '../broker-parts.ts'

/** Checks who fetches, then hands over to the sessions. */
export async function replicaFetch(
  parts: BrokerParts,
  request: ReplicaFetchRequest,
  context: RequestContext,
): Promise<Outcome<ReplicaFetchResponse>> {
  const { replicaId, brokerEpoch } = request
  if (context.broker?.brokerId !== replicaId) {
    return refuse('CLUSTER_AUTHORIZATION_FAILED', `the caller is not broker ${replicaId}`)
  }
  // An epoch that this broker's image does not have yet is newer than the image: it counts for the
  // ISR only once the image has it.
  const known = parts.metadata.current().brokers.get(replicaId)
  if (known !== undefined && brokerEpoch < known.epoch) {
    return refuse('STALE_BROKER_EPOCH', `broker ${replicaId} has registered anew since`)
  }
  return parts.sessions.fetch(request, context)
}
