/** Gets an idempotent producer its id: from any broker, asked again until one answers. */
import { retryPauses } from '../../core/client/retry-policy.ts'
import { type Address } from '../../core/client/address.ts'
import { TransportFault } from '../ports/fault.ts'
import { sleep } from '../runtime/sleep.ts'
import { Backoff } from '../runtime/retry.ts'
import { type ClusterView } from './cluster-view.ts'

const requestTimeoutMs = 3000

/** An id that no other producer has; undefined when `signal` aborted first. */
export async function askProducerId(
  cluster: ClusterView,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { clock, entropy } = cluster.ports
  const backoff = new Backoff(retryPauses, entropy)
  while (!signal.aborted) {
    for (const address of cluster.candidates()) {
      const producerId = await askOne(cluster, address, signal)
      if (producerId !== undefined) return producerId
    }
    cluster.refreshSoon()
    await sleep(clock, backoff.nextMs(), signal)
  }
  return undefined
}

async function askOne(
  cluster: ClusterView,
  address: Address,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { telemetry } = cluster.ports
  try {
    const options = { timeoutMs: requestTimeoutMs, signal }
    const outcome = await cluster.requestAt(address, 'init-producer-id', {}, options)
    if (outcome.ok) return outcome.value.producerId
    telemetry.log('debug', 'no-producer-id', { ...address, code: outcome.code })
  } catch (cause) {
    if (!(cause instanceof TransportFault)) throw cause
    telemetry.log('debug', 'no-producer-id', { ...address, cause })
  }
  return undefined
}
