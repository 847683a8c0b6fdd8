/**
 * Whether a silent broker's process is gone. The kernel of a living host refuses a connection at
 * once when nobody listens, and so tells a crash apart from a pause, a lost network or a slow broker
 * long before the session ends. Only two refusals count, some time apart: a time-out, a reset after
 * accept or a name that does not resolve is silence, and silence is the session's business.
 */
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Clock } from '../ports/clock.ts'
import { type Transport } from '../ports/transport.ts'
import { sleep } from '../runtime/sleep.ts'

/** Silence after which evidence is looked for. */
export const evidenceSilenceMs = 300

/** Pause between the two probes. */
const probePauseMs = 100

/** A probe that takes longer is no evidence. */
const probeTimeoutMs = 250

/** What a look at one broker takes. */
export interface EvidenceHunt {
  readonly clock: Clock
  readonly transport: Transport
  /** Where other brokers reach it. */
  readonly endpoint: Pick<Endpoint, 'host' | 'port'>
  /** Still not heard of: asked before each conclusion. */
  readonly isSilent: () => boolean
  readonly signal: AbortSignal
}

/** True when both probes were refused while the broker stayed silent. */
export async function findCrashEvidence(hunt: EvidenceHunt): Promise<boolean> {
  if (!(await isRefused(hunt))) return false
  await sleep(hunt.clock, probePauseMs, hunt.signal)
  return (await isRefused(hunt)) && hunt.isSilent()
}

async function isRefused(hunt: EvidenceHunt): Promise<boolean> {
  if (hunt.signal.aborted || !hunt.isSilent()) return false
  const { host, port } = hunt.endpoint
  return (await hunt.transport.probe(host, port, probeTimeoutMs)) === 'refused'
}
