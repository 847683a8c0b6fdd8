/**
 * Evidence that a follower's process is gone, gathered by the leaders here themselves: its fetch
 * streams are silent and two connections, 100 ms apart, are refused. Then its removal from the ISR is
 * asked for at once, because every acks=all produce waits for it. Silence alone is no evidence: a
 * slow or cut-off follower leaves by `replica.lag.time.max.ms` or is fenced by the controller.
 */
import { type NodeId } from '../../base/id.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Ports } from '../ports/ports.ts'
import { sleep } from '../runtime/sleep.ts'
import { type HostedPartition } from './hosted-partition.ts'
import { type ReplicaSessions } from './replica-sessions.ts'

/** What the search for evidence looks at. */
export interface FollowerEvidenceParts {
  readonly ports: Pick<Ports, 'clock' | 'telemetry' | 'transport'>
  readonly sessions: ReplicaSessions
  readonly hosted: () => Iterable<HostedPartition>
  /** Every other broker that is registered. */
  readonly brokerIds: () => readonly NodeId[]
  readonly endpointOf: (id: NodeId) => Endpoint | undefined
  /** Asks for the ISR without the suspect. */
  readonly considerIsr: (hosted: HostedPartition) => void
}

const silenceMs = 300
const lookIntervalMs = 150
const probeCount = 2
const probeGapMs = 100
const probeTimeoutMs = 100

/** Looks for evidence until `signal` aborts. */
export async function watchFollowers(
  parts: FollowerEvidenceParts,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = parts.ports
  while (!signal.aborted) {
    await sleep(clock, lookIntervalMs, signal)
    for (const [id, partitions] of silentFollowers(parts)) {
      const isGone = (await isRefused(parts, id, signal)) && isSilent(parts, id)
      if (isGone) suspect(parts, id, partitions)
    }
  }
}

function suspect(
  parts: FollowerEvidenceParts,
  id: NodeId,
  partitions: readonly HostedPartition[],
): void {
  const { telemetry } = parts.ports
  telemetry.log('warn', 'follower-gone', { brokerId: id, partitionCount: partitions.length })
  for (const hosted of partitions) {
    if (hosted.state.leader()?.suspect(id) === true) parts.considerIsr(hosted)
  }
}

/** Silent members of ISRs led here that are not suspected yet, with the partitions they hold back. */
function silentFollowers(
  parts: FollowerEvidenceParts,
): ReadonlyMap<NodeId, readonly HostedPartition[]> {
  const silent = new Map<NodeId, HostedPartition[]>()
  const suspects = new Set(parts.brokerIds().filter((id) => isSilent(parts, id)))
  if (suspects.size === 0) return silent
  for (const hosted of parts.hosted()) {
    const leader = hosted.state.leader()
    if (leader === undefined) continue
    for (const id of leader.registration().isr) {
      const follower = leader.follower(id)
      if (!suspects.has(id) || follower === undefined || follower.isSuspect) continue
      if (parts.ports.clock.nowMs() - follower.fetchedAtMs < silenceMs) continue
      silent.set(id, [...(silent.get(id) ?? []), hosted])
    }
  }
  return silent
}

function isSilent(parts: FollowerEvidenceParts, id: NodeId): boolean {
  const contact = parts.sessions.contact(id)
  if (contact === undefined) return true
  return !contact.isWaiting && parts.ports.clock.nowMs() - contact.seenAtMs >= silenceMs
}

async function isRefused(
  parts: FollowerEvidenceParts,
  id: NodeId,
  signal: AbortSignal,
): Promise<boolean> {
  const endpoint = parts.endpointOf(id)
  if (endpoint === undefined) return false
  const { transport, clock } = parts.ports
  for (let probe = 1; probe <= probeCount; probe++) {
    const result = await transport.probe(endpoint.host, endpoint.port, probeTimeoutMs)
    if (result !== 'refused') return false
    if (probe < probeCount) await sleep(clock, probeGapMs, signal)
  }
  return true
}
